package dev.polywire.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.client.Policy.Next;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** When the client tries again, and on which wire. */
class PolicyTest {
    private static final List<String> ALL = ClientOptions.TRANSPORTS;
    private static final Failure FAILED = Failure.of("1006");
    private static final Failure CUT = new Failure("dropped", 0, null, 0, false, true, null);

    private static Policy policy(boolean fixed, int maxAttempts, String remembered) {
        return new Policy(ALL, fixed, () -> 1, maxAttempts, 1000, remembered);
    }

    private final Policy policy = policy(false, 0, null);

    @Test
    @DisplayName("R41: full jitter, applied after the cap")
    void backoff() {
        assertThat(IntStream.of(0, 1, 2, 5, 6, 7, 99).mapToDouble(k -> Policy.backoff(k, () -> 1)))
                .containsExactly(500.0, 1000.0, 2000.0, 16_000.0, 30_000.0, 30_000.0, 30_000.0);
        assertThat(Policy.backoff(99, () -> 0.25)).isEqualTo(7500);
    }

    @Test
    @DisplayName("R43: a wire that fails makes the next one tried, round and round")
    void round() {
        assertThat(policy.first()).isEqualTo("websocket");
        assertThat(policy.failed("websocket", 0, FAILED)).isEqualTo(new Next("sse", 500));
        assertThat(policy.failed("sse", 0, FAILED)).isEqualTo(new Next("longpoll", 1000));
        assertThat(policy.failed("longpoll", 0, FAILED)).isEqualTo(new Next("websocket", 2000));
    }

    @Test
    @DisplayName("R19: after a stable connection each wire is tried once without waiting, itself first")
    void free() {
        policy.welcomed(0, "websocket");
        assertThat(policy.failed("websocket", 5000, FAILED)).isEqualTo(new Next("websocket", 0));
        assertThat(policy.failed("websocket", 5000, FAILED)).isEqualTo(new Next("sse", 0));
        assertThat(policy.failed("sse", 5000, FAILED)).isEqualTo(new Next("longpoll", 0));
        assertThat(policy.failed("longpoll", 5000, FAILED)).isEqualTo(new Next("websocket", 500));
    }

    @Test
    @DisplayName("R41: a welcome alone does not reset the backoff")
    void welcomeAlone() {
        for (long expected : List.of(500, 1000, 2000, 4000)) {
            policy.welcomed(0, "websocket");
            assertThat(policy.failed("websocket", 4999, CUT).delay()).isEqualTo(expected);
        }
    }

    @Test
    @DisplayName("R43: a silent wire is not tried again before the others")
    void silent() {
        policy.welcomed(0, "websocket");
        assertThat(policy.failed("websocket", 60_000, Failure.silence())).isEqualTo(new Next("sse", 0));
    }

    @Test
    @DisplayName("R41: retryAfter is a lower bound, with jitter on top")
    void retryAfter() {
        policy.welcomed(0, "websocket");
        assertThat(policy.failed("websocket", 60_000, new Failure("x", 0, null, 4000, false, false, null)))
                .isEqualTo(new Next("websocket", 4500));
    }

    @Test
    @DisplayName("maxAttempts counts failures since the last welcome")
    void maxAttempts() {
        Policy three = policy(false, 3, null);
        assertThat(three.failed("websocket", 0, FAILED)).isNotNull();
        assertThat(three.failed("sse", 0, FAILED)).isNotNull();
        three.welcomed(0, "longpoll");
        assertThat(three.failed("longpoll", 0, FAILED)).isNotNull();
        assertThat(three.failed("longpoll", 0, FAILED)).isNotNull();
        assertThat(three.failed("sse", 0, FAILED)).isNotNull();
        assertThat(three.failed("websocket", 0, FAILED)).isNull();
    }

    @Test
    @DisplayName("the order: what is remembered first, the server's preference, the application's if it has one, a pin")
    void order() {
        assertThat(policy(false, 0, "longpoll").first()).isEqualTo("longpoll");
        assertThat(policy(false, 0, "pigeon").first()).isEqualTo("websocket");
        policy.offered(List.of("sse", "websocket", "pigeon"));
        assertThat(policy.order()).containsExactly("sse", "websocket");
        Policy fixed = policy(true, 0, null);
        fixed.offered(List.of("longpoll", "sse"));
        assertThat(fixed.order()).containsExactly("sse", "longpoll");
        fixed.offered(List.of("pigeon"));
        assertThat(fixed.order()).as("nothing in common: go on as we were").containsExactly("sse", "longpoll");
        fixed.pin("longpoll");
        assertThat(fixed.better("longpoll")).isNull();
        assertThat(fixed.better("sse")).isEqualTo("longpoll");
        fixed.pin(null);
        assertThat(fixed.order()).containsExactly("sse", "longpoll");
    }

    @Test
    @DisplayName("probes wait longer after each failure, and an upgrade that lasted was worth it")
    void probes() {
        assertThat(policy.better("longpoll")).isEqualTo("websocket");
        assertThat(policy.probeDelay()).isEqualTo(1000);
        policy.probeFailed();
        assertThat(policy.better("longpoll")).isEqualTo("sse");
        policy.welcomed(100_000, "sse");
        policy.failed("sse", 190_000, FAILED);
        assertThat(policy.probeDelay()).isEqualTo(1000);
        IntStream.range(0, 50).forEach(i -> policy.probeFailed());
        assertThat(policy.probeDelay()).isEqualTo(600_000);
    }
}
