package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the outboxes of all sessions may keep together. The clients here never acknowledge; each session has its own loop. */
class OutboxMemoryTest extends EngineKit {
    private static final int KILOBYTE = 1000;
    private static final int LIMIT = 200 * KILOBYTE;

    private final List<Peer> peers = new ArrayList<>();

    @BeforeEach
    void begin() {
        options.limits().outboxMemory(LIMIT);
    }

    private LiveSession session(Peer peer) {
        return (LiveSession) realtime().sessions().get(id(peer));
    }

    private static String id(Peer peer) {
        return peer.await("welcome").getString("session");
    }

    private void come(int count) {
        for (int i = 0; i < count; i++) {
            Peer peer = open();
            peers.add(peer);
            peer.say("{\"type\":\"subscribe\",\"id\":\"s\",\"channels\":[\"c\"]}");
            peer.await("subscribed");
        }
    }

    private static String kilobytes(int count) {
        return "x".repeat(count * KILOBYTE);
    }

    /** The first session's loop watches over all. */
    private void look() {
        pass(session(peers.get(0)), OutboxMemory.EVERY + TimerWheel.SLOT);
    }

    private void holds(Peer peer, int kilobytes) {
        Await.until(kilobytes + " kB", () -> session(peer).outboxBytes() >= kilobytes * KILOBYTE);
    }

    private int counts() {
        return realtime().engine().outboxMemory().counts();
    }

    @Test
    @DisplayName("what all share counts once; what is too much goes with the fullest, and the others do not notice")
    void sharedAndDistinct() {
        come(5);
        for (int i = 0; i < 10; i++) {
            realtime().channels().publish("c", "n", kilobytes(10));
        }
        peers.forEach(peer -> holds(peer, 100));
        assertThat(realtime().stats().getLong("outboxBytes")).isGreaterThan(2 * LIMIT);
        look();
        Await.until("a count", () -> counts() == 1);
        assertThat(realtime().stats().getInteger("sessions")).isEqualTo(5);

        Peer fullest = peers.get(3);
        String secret = fullest.await("welcome").getString("secret");
        session(peers.get(1)).send("own", kilobytes(50));
        session(fullest).send("own", kilobytes(80));
        holds(peers.get(1), 150);
        holds(fullest, 180);
        look();
        Await.until("its end", () -> fullest.closes.contains(CloseReason.SLOW_CONSUMER));
        Await.until("another count", () -> counts() == 3);
        assertThat(realtime().engine().registry().why(id(fullest), secret, now.get()))
                .isEqualTo(ErrorCode.SLOW_CONSUMER);
        assertThat(realtime().stats().getInteger("sessions")).isEqualTo(4);
        assertThat(realtime().stats().getLong("slowConsumers")).isEqualTo(1);

        realtime().channels().publish("c", "n", "after");
        for (Peer peer : peers) {
            if (peer != fullest) {
                peer.await("what comes after", frame -> "after".equals(frame.getValue("payload")));
                assertThat(peer.closes).isEmpty();
            }
        }
    }

    @Test
    @DisplayName("as many go as it takes, the fullest first, and no more")
    void untilItFits() {
        come(5);
        for (int i = 0; i < 5; i++) {
            session(peers.get(i)).send("own", kilobytes(50 + 10 * i));
            holds(peers.get(i), 50 + 10 * i);
        }
        // 350 kB, of which 150 are too much: the two with 90 and 80.
        look();
        Await.until("the ends", () -> realtime().stats().getLong("slowConsumers") == 2);
        Await.until("another count", () -> counts() == 2 || realtime().stats().getLong("outboxBytes") <= LIMIT);
        assertThat(peers.subList(0, 3))
                .allSatisfy(peer -> assertThat(peer.closes).isEmpty());
        Await.until(
                "both ends",
                () -> peers.subList(3, 5).stream().allMatch(peer -> peer.closes.contains(CloseReason.SLOW_CONSUMER)));
        assertThat(realtime().stats().getInteger("sessions")).isEqualTo(3);
    }

    @Test
    @DisplayName("below the limit nothing is counted, and the watch goes on")
    void watchGoesOn() {
        come(2);
        look();
        assertThat(counts()).isZero();
        assertThat(realtime().engine().outboxMemory().sums()).isZero();
        session(peers.get(1)).send("own", kilobytes(100));
        session(peers.get(1)).send("own", kilobytes(110));
        holds(peers.get(1), 210);
        look();
        Await.until("its end", () -> peers.get(1).closes.contains(CloseReason.SLOW_CONSUMER));
        assertThat(peers.get(0).closes).isEmpty();
    }

    @Test
    @DisplayName(
            "sessions are added up only when so much came in that the limit may have been reached, and again as late")
    void addedUpWhenItMatters() {
        come(2);
        Peer peer = peers.get(1);
        for (int i = 1; i <= 30; i++) {
            session(peer).send("own", kilobytes(10));
            int frame = i;
            Await.until(
                    "message " + i,
                    () -> peer.frames.stream()
                                    .filter(one -> one.containsKey("payload"))
                                    .count()
                            == frame);
            peer.say("{\"type\":\"received\",\"count\":" + (i + 1) + "}");
            Await.until("an empty outbox", () -> session(peer).outboxBytes() == 0);
            look();
        }
        // 300 kB came in and went: once over 200 kB somebody had to look, and found nothing.
        Await.until("one sum", () -> realtime().engine().outboxMemory().sums() == 1);
        assertThat(counts()).isZero();
        assertThat(peer.closes).isEmpty();
    }
}
