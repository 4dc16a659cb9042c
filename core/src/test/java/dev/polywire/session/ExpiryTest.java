package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Principal;
import dev.polywire.protocol.CloseReason;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** When a client is told that its credentials end, and what happens when they do, by a clock that is moved by hand. */
class ExpiryTest extends EngineKit {

    private Peer opened(Duration holds, Duration warning) {
        Instant until = Instant.now().plus(holds);
        options.allowAnonymous(false);
        options.session().grace(Duration.ofHours(1)).heartbeat(Duration.ofMinutes(10));
        options.auth().warning(warning);
        realtime().authenticator((token, who) -> Future.succeededFuture(new Principal("ada", new JsonObject(), until)));
        Peer peer = open();
        peer.say("{\"type\":\"received\",\"count\":0}");
        peer.settle();
        return peer;
    }

    @Test
    @DisplayName("a client is asked once, and when nothing comes, the wire is closed and the session waits")
    void askedOnce() {
        Peer peer = opened(Duration.ofMinutes(10), Duration.ofMinutes(1));
        LiveSession session = session();
        pass(session, Duration.ofMinutes(8).toMillis());
        peer.settle();
        assertThat(peer.count("refresh")).isZero();
        pass(session, Duration.ofSeconds(61).toMillis());
        assertThat(peer.await("refresh").getLong("expiresIn")).isBetween(50_000L, 60_000L);
        pass(session, Duration.ofSeconds(30).toMillis());
        peer.settle();
        assertThat(peer.count("refresh")).isOne();
        assertThat(peer.closes).isEmpty();
        assertThat(session.expired()).isFalse();
        pass(session, Duration.ofSeconds(31).toMillis());
        peer.settle();
        assertThat(peer.closes).containsExactly(CloseReason.UNAUTHENTICATED);
        assertThat(peer.await("bye").getInteger("code")).isEqualTo(4001);
        assertThat(session.expired()).isTrue();
        assertThat(session.over()).isFalse();
    }

    @Test
    @DisplayName("what holds for a short time is asked for in the middle of it")
    void half() {
        Peer peer = opened(Duration.ofSeconds(20), Duration.ofMinutes(1));
        pass(session(), 9_000);
        peer.settle();
        assertThat(peer.count("refresh")).isZero();
        pass(session(), 1_100);
        assertThat(peer.await("refresh").getLong("expiresIn")).isBetween(9_000L, 10_000L);
    }

    @Test
    @DisplayName("without a warning there is only the end")
    void unasked() {
        Peer peer = opened(Duration.ofSeconds(20), Duration.ZERO);
        pass(session(), 21_000);
        peer.settle();
        assertThat(peer.count("refresh")).isZero();
        assertThat(peer.closes).containsExactly(CloseReason.UNAUTHENTICATED);
    }

    @Test
    @DisplayName("a client that was away when it would have been asked is asked when it is back")
    void away() {
        Peer peer = opened(Duration.ofSeconds(60), Duration.ofSeconds(30));
        LiveSession session = session();
        peer.cut();
        peer.settle();
        assertThat(session.connected()).isFalse();
        pass(session, 35_000);
        assertThat(session.outboxBytes()).isZero();
        Peer next = peer.resume(1, 0);
        assertThat(next.await("refresh").getLong("expiresIn")).isBetween(20_000L, 25_000L);
    }

    @Test
    @DisplayName("R75 a second look that finds the same end does not ask again")
    void sameEnd() {
        Peer peer = opened(Duration.ofMinutes(10), Duration.ofMinutes(5));
        LiveSession session = session();
        pass(session, Duration.ofMinutes(6).toMillis());
        long asked = peer.await("refresh").getLong("expiresIn");
        Principal before = session.principal();
        Peer next = peer.resume(1, 0);
        next.settle();
        assertThat(session.principal()).isNotSameAs(before);
        // What was not confirmed is said again, word for word.
        assertThat(next.frames)
                .filteredOn(frame -> frame.getString("type").equals("refresh"))
                .allSatisfy(frame -> assertThat(frame.getLong("expiresIn")).isEqualTo(asked))
                .hasSizeLessThan(2);
    }

    @Test
    @DisplayName("what holds for longer than a timer is looked at again, and has not ended meanwhile")
    void far() {
        opened(Duration.ofDays(800), Duration.ofMinutes(1));
        LiveSession session = session();
        now.addAndGet(Duration.ofDays(366).toMillis());
        assertThat(session.expired()).isFalse();
    }

    @Test
    @DisplayName("credentials that do not end are not watched")
    void endless() {
        realtime().authenticator((token, who) -> Future.succeededFuture(Principal.of("ada")));
        Peer peer = open();
        peer.say("{\"type\":\"received\",\"count\":0}");
        pass(session(), 20_000);
        peer.settle();
        assertThat(session().expired()).isFalse();
        assertThat(peer.closes).isEmpty();
    }
}
