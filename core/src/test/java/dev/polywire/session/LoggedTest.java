package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Principal;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a client has written, in a log. */
class LoggedTest {

    @Test
    @DisplayName("nothing that a client writes begins a line of its own")
    void oneLine() {
        assertThat(Logged.line("a\nconnect session=forged\r\u2028\u0085b")).isEqualTo("a?connect session=forged???b");
        assertThat(Logged.line("x".repeat(1000))).hasSize(128);
        assertThat(Logged.user(Principal.of("ann\nb"))).isEqualTo("ann?b");
        assertThat(Logged.user(Principal.ANONYMOUS)).isEqualTo("null");
        assertThat(Logged.line("orders.get")).isEqualTo("orders.get");
    }
}
