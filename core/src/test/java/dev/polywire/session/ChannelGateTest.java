package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Authorizer.Action;
import dev.polywire.ChannelOptions;
import dev.polywire.ChannelOptions.Subscribers;
import dev.polywire.Principal;
import dev.polywire.RealtimeOptions;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the options say about who may read. */
class ChannelGateTest {
    private static final Principal ANN = Principal.of("ann");

    private static ChannelOptions who(Subscribers who) {
        return new ChannelOptions().subscribe(who);
    }

    private static boolean reads(RealtimeOptions options, Principal principal, String channel) {
        ChannelGate gate = new ChannelGate(options);
        boolean subscribe = gate.permits(principal, Action.SUBSCRIBE, channel);
        for (Action same : List.of(Action.HISTORY, Action.PRESENCE)) {
            assertThat(gate.permits(principal, same, channel)).as(same.name()).isEqualTo(subscribe);
        }
        for (Action other : List.of(Action.CONNECT, Action.PUBLISH, Action.REQUEST)) {
            assertThat(gate.permits(principal, other, channel)).as(other.name()).isTrue();
        }
        return subscribe;
    }

    @ParameterizedTest
    @CsvSource({
        "ann, user:ann, true",
        "ann, user:bob, false",
        "ann, user:an, false",
        "ann, user:annn, false",
        "ann, user:, false",
        "ann, user, false",
        "ann, user:ann:x, false",
        "ann, users:bob, true",
        "ann, user/x:bob, true",
        "ann, USER:bob, true",
        ", user:, false",
        ", user:null, false",
        ", user:ann, false",
        ", chat:1, true",
        "'', user:, false",
        "a:b, user:a:b, true"
    })
    @DisplayName("R50 user:<id> is that user's own, and nothing else is closed")
    void personal(String user, String channel, boolean allowed) {
        Principal principal = user == null ? Principal.ANONYMOUS : Principal.of(user);
        assertThat(reads(new RealtimeOptions(), principal, channel)).isEqualTo(allowed);
    }

    @Test
    @DisplayName(
            "R50 neither general options nor other options of the namespace open personal channels; saying so does")
    void opened() {
        RealtimeOptions general = new RealtimeOptions().channel(who(Subscribers.ANYONE));
        assertThat(reads(general, ANN, "user:bob")).isFalse();
        RealtimeOptions other = new RealtimeOptions().namespace("user", new ChannelOptions().historySize(10));
        assertThat(reads(other, ANN, "user:bob")).isFalse();
        assertThat(reads(other, ANN, "user:ann")).isTrue();
        RealtimeOptions closed = new RealtimeOptions().channel(who(Subscribers.NOBODY));
        assertThat(reads(closed, ANN, "user:ann")).isTrue();
        assertThat(reads(closed, ANN, "chat:1")).isFalse();
        RealtimeOptions open = new RealtimeOptions().namespace("user", who(Subscribers.ANYONE));
        assertThat(reads(open, ANN, "user:bob")).isTrue();
        RealtimeOptions renamed = open.namespace("inbox", who(Subscribers.OWNER));
        assertThat(reads(renamed, ANN, "inbox:ann")).isTrue();
        assertThat(reads(renamed, ANN, "inbox:bob")).isFalse();
        assertThat(reads(renamed, ANN, "inbox")).isFalse();
    }

    @Test
    @DisplayName("R50 known users, nobody, and bearers of tokens")
    void others() {
        RealtimeOptions options = new RealtimeOptions()
                .namespace("known", who(Subscribers.AUTHENTICATED))
                .namespace("closed", who(Subscribers.NOBODY))
                .namespace("ticket", who(Subscribers.TOKEN));
        assertThat(reads(options, ANN, "known:1")).isTrue();
        assertThat(reads(options, Principal.ANONYMOUS, "known:1")).isFalse();
        assertThat(reads(options, ANN, "closed")).isFalse();
        assertThat(reads(options, ANN, "ticket:1")).isTrue();
        ChannelGate gate = new ChannelGate(options);
        assertThat(gate.subscribers("ticket:1")).isEqualTo(Subscribers.TOKEN);
        assertThat(gate.subscribers("chat:1")).isEqualTo(Subscribers.ANYONE);
        assertThat(gate.asksForTokens()).isTrue();
        assertThat(new ChannelGate(new RealtimeOptions()).asksForTokens()).isFalse();
    }
}
