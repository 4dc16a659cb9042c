package dev.polywire.session;

import static dev.polywire.SlowConsumerPolicy.DROP_OLDEST;
import static dev.polywire.SlowConsumerPolicy.LATEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.channel.Encoded;
import dev.polywire.conformance.ClientMachine;
import dev.polywire.conformance.ClientMachine.Attempt;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.JsonCodec;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.session.SessionMachine.Arrival;
import dev.polywire.session.SessionMachine.Verdict;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * The attacks on the design that concern one node and can be told with the two machines alone, each as it was first told. The
 * simulation finds most of them by chance; here they have names: the hole, and the rule of {@code docs/protocol.md}.
 */
class AttackTest extends TwoEnds {
    // ---- session and attach
    // ------------------------------------------------------------------------------------------

    @Nested
    class SessionAndAttach {
        @Test
        @DisplayName("hole 1, R1: an answer, an unknown type and garbage count; exactly six types do not")
        void counting() {
            JsonCodec codec = new JsonCodec(64 * 1024, 32);
            for (String type : List.of("hello", "welcome", "ping", "pong", "received", "bye")) {
                assertThat(counts(codec, "{\"type\":\"" + type + "\"}"))
                        .as(type)
                        .isFalse();
            }
            for (String frame : List.of(
                    "{\"type\":\"ack\",\"id\":\"1\"}",
                    "{\"type\":\"noop\"}",
                    "{\"type\":\"teleport\"}",
                    "{\"type\":7}",
                    "{}",
                    "garbage",
                    "")) {
                assertThat(counts(codec, frame)).as(frame).isTrue();
            }
        }

        private static boolean counts(JsonCodec codec, String frame) {
            return codec.scan(Buffer.buffer(frame)).counted();
        }

        @Test
        @DisplayName("hole 3, R10: a replayed poll does not evict the live wire")
        void replayedPoll() {
            Attempt seventh = attached(false);
            Attempt eighth = attached(false);
            publish(1, 3);
            List<Encoded> batch = written();
            assertThat(commit(seventh)).isEqualTo(Verdict.STALE);
            assertThat(commit(eighth)).as("nor does the live one's own").isEqualTo(Verdict.STALE);
            assertThat(server.current(eighth.wire())).isTrue();
            arrive(eighth.wire(), batch);
            assertThat(handedOver).containsExactly(1L, 2L, 3L);
        }

        @Test
        @DisplayName("hole 4, R12: an acknowledgement that overtakes an attach does not make it impossible")
        void acknowledgementOvertakesAttach() {
            publish(1, 7);
            List<Encoded> sent = written();
            arrive(first, sent.subList(0, 5));
            Attempt attach = client.attach(true);
            assertThat(attach.received()).isEqualTo(5);
            arrive(first, sent.subList(5, 7));
            outbox.acknowledge(client.received());
            assertThat(commit(attach)).isEqualTo(Verdict.OK);
            assertThat(server.first()).isEqualTo(8);
            assertThat(welcome(attach)).isEqualTo(ClientMachine.Verdict.HAND_OVER);
            publish(8, 9);
            arrive(attach.wire(), written());
            assertThat(handedOver).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        }

        @Test
        @DisplayName("hole 4, R12 and R21: an acknowledgement during a replay leaves nothing of it out")
        void acknowledgementDuringReplay() {
            publish(1, 5);
            List<Encoded> late = written();
            arrive(first, late.subList(0, 2));
            Attempt attach = attached(true);
            arrive(attach.wire(), List.of(outbox.take()));
            arrive(first, late.subList(2, 5));
            outbox.acknowledge(client.received());
            publish(6, 7);
            arrive(attach.wire(), written());
            assertThat(handedOver).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
            assertThat(client.ping(attach.wire(), outbox.handed())).isEqualTo(ClientMachine.Verdict.HAND_OVER);
        }

        @Test
        @DisplayName("hole 5, R21: bytes that a buffer held back arrive after another wire replayed them")
        void bufferedBytes() {
            publish(1, 4);
            List<Encoded> buffered = written();
            Attempt attach = attached(true);
            arrive(attach.wire(), written());
            arrive(first, buffered);
            publish(5, 5);
            arrive(attach.wire(), written());
            assertThat(handedOver).containsExactly(1L, 2L, 3L, 4L, 5L);
        }

        @Test
        @DisplayName("hole 5, R21: a wire that lost frames in the middle is dropped, and no counter adjusted")
        void lostInTheMiddle() {
            publish(1, 3);
            List<Encoded> sent = written();
            arrive(first, sent.subList(0, 1));
            assertThat(client.ping(first, outbox.handed())).isEqualTo(ClientMachine.Verdict.DROP);
            arrive(first, sent.subList(2, 3));
            assertThat(client.received()).isEqualTo(1);
            arrive(attached(true).wire(), written());
            assertThat(handedOver).containsExactly(1L, 2L, 3L);
        }

        @Test
        @DisplayName("hole 6, R11: a late close of the old wire detaches nothing, and its frames are ignored")
        void lateClose() {
            send(1, 2);
            List<Buffer> late = client.write(first, 10);
            Attempt attach = attached(true);
            assertThat(server.detach(first)).isFalse();
            assertThat(server.current(attach.wire())).isTrue();
            receive(first, late);
            assertThat(accepted).isEmpty();
            receive(attach.wire(), client.write(attach.wire(), 10));
            assertThat(accepted).containsExactly("f1", "f2");
        }

        @Test
        @DisplayName("hole 6, R10: attach 7 was authorised slowly and is done after 8: it is compared again")
        void slowAuthorisation() {
            Attempt slow = client.attach(true);
            Attempt quick = client.attach(true);
            assertThat(server.check(claim(slow))).isEqualTo(Verdict.OK);
            assertThat(server.check(claim(quick))).isEqualTo(Verdict.OK);
            assertThat(commit(quick)).isEqualTo(Verdict.OK);
            assertThat(commit(slow)).isEqualTo(Verdict.STALE);
            assertThat(server.current(quick.wire())).isTrue();
        }

        @Test
        @DisplayName("hole 10, R15: a resume that is refused leaves the wire and the queues as they are")
        void refused() {
            publish(1, 3);
            arrive(first, written());
            outbox.acknowledge(2);
            ClientFrame.Resume ahead = new ClientFrame.Resume("s", "k", 1, 4, 0);
            ClientFrame.Resume before = new ClientFrame.Resume("s", "k", 0, 3, 0);
            assertThat(server.check(ahead)).isEqualTo(Verdict.LOST);
            assertThat(server.commit("thief", before)).isEqualTo(Verdict.STALE);
            assertThat(server.current(first)).isTrue();
            assertThat(outbox.acked()).isEqualTo(2);
            assertThat(outbox.handed()).isEqualTo(3);
        }

        @Test
        @DisplayName("hole 11, R15: who may no longer read a channel finds nothing of it in the outbox")
        void banned() {
            for (long serial = 1; serial <= 12; serial++) {
                outbox.offer(Frames.message("c", null, serial, serial, 100), "c", DROP_OLDEST);
            }
            publish(13, 13);
            List<Encoded> sent = written();
            arrive(first, sent.subList(0, 4));
            Attempt attach = client.attach(true);
            outbox.deny("c");
            assertThat(commit(attach)).isEqualTo(Verdict.OK);
            welcome(attach);
            List<Encoded> replay = written();
            assertThat(replay).hasSize(7);
            assertThat(replay.subList(0, 6))
                    .allSatisfy(frame -> assertThat(frame.frame()).isInstanceOf(ServerFrame.Gap.class));
            assertThat(Frames.serial(replay.get(6))).isEqualTo(13);
            assertThat(outbox.handed()).as("and the count stays right").isEqualTo(11);
        }
    }

    // ---- downlink
    // ----------------------------------------------------------------------------------------------------

    @Nested
    class Downlink {
        @Test
        @DisplayName("hole 13, R20: drop_oldest leaves frames alone that have a number")
        void numberedFramesStay() {
            offer(1, 8);
            List<Encoded> sent = written();
            arrive(first, sent.subList(0, 4));
            offer(9, 30);
            Attempt attach = attached(true);
            List<Encoded> replay = written();
            arrive(attach.wire(), replay.subList(0, 4));
            assertThat(handedOver).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
            assertThat(replay.get(4).frame()).isInstanceOfSatisfying(ServerFrame.Gap.class, gap -> {
                assertThat(gap.count()).isEqualTo(gap.position().offset() - 8);
                assertThat(Frames.serial(replay.get(5)))
                        .isEqualTo(gap.position().offset() + 1);
            });
        }

        private void offer(long from, long to) {
            for (long serial = from; serial <= to; serial++) {
                outbox.offer(Frames.message("c", null, serial, serial, 100), "c", DROP_OLDEST);
            }
        }

        @Test
        @DisplayName("hole 14, R23: a hot key under latest does not starve behind others, nor starve them")
        void hotKey() {
            for (long serial = 1; serial <= 500; serial++) {
                String key = serial % 10 == 1 ? "cold" + serial % 3 : "hot";
                outbox.offer(Frames.message("c", key, serial, serial, 100), "c", LATEST);
            }
            List<Encoded> sent = written();
            assertThat(sent).hasSize(4);
            assertThat(Frames.serial(sent.get(1))).as("in its first place").isEqualTo(500);
        }

        @Test
        @DisplayName("hole 15, R22 and R23: a full window opens, because the client acknowledges by time and by bytes")
        void fullWindow() {
            publish(1, 15);
            arrive(first, written());
            assertThat(outbox.ready()).isFalse();
            assertThat(client.due(1)).as("not at once").isEqualTo(-1);
            outbox.acknowledge(client.due(1000));
            arrive(first, written());
            assertThat(handedOver).hasSize(15).last().isEqualTo(15L);
            client.counted(first, 40_000, 1000);
            assertThat(client.due(1000)).as("by bytes, at once").isEqualTo(16);
        }

        @Test
        @DisplayName("hole 17, R24: after a gap members and state are asked for afresh, once it is on its way")
        void stateAfterGap() {
            for (long serial = 1; serial <= 40; serial++) {
                outbox.offer(Frames.message("c", null, serial, serial, 100), "c", DROP_OLDEST);
            }
            assertThat(refreshed).isEmpty();
            assertThat(outbox.take().frame()).isInstanceOf(ServerFrame.Gap.class);
            assertThat(refreshed).containsExactly("c");
        }
    }

    // ---- uplink
    // ------------------------------------------------------------------------------------------------------

    @Nested
    class Uplink {
        @Test
        @DisplayName("hole 19, R25: a later POST that arrives first changes nothing")
        void postOvertakes() {
            assertThat(server.arrives(4)).isEqualTo(Arrival.AHEAD);
            Attempt stream = attached(false);
            send(1, 5);
            ClientMachine.Post post = client.post(3);
            assertThat(client.post(3)).as("one at a time").isNull();
            receive(post);
            client.posted(post);
            client.confirm(server.received());
            receive(client.post(3));
            assertThat(accepted).containsExactly("f1", "f2", "f3", "f4", "f5");
            assertThat(server.current(stream.wire())).isTrue();
        }

        @Test
        @DisplayName("hole 19, R25: a POST that timed out arrives after its frames went by WebSocket")
        void postAfterSwitch() {
            attached(false);
            send(1, 3);
            ClientMachine.Post slow = client.post(10);
            Attempt socket = attached(true);
            receive(socket.wire(), client.write(socket.wire(), 10));
            receive(slow);
            assertThat(accepted).containsExactly("f1", "f2", "f3");
        }

        @Test
        @DisplayName("hole 19, R25: that POST arrives between the welcome and the frames of the WebSocket")
        void postDuringSwitch() {
            attached(false);
            send(1, 3);
            ClientMachine.Post slow = client.post(2);
            Attempt socket = attached(true);
            receive(slow);
            client.confirm(server.received());
            send(4, 4);
            receive(socket.wire(), client.write(socket.wire(), 10));
            assertThat(accepted).containsExactly("f1", "f2", "f3", "f4");
            assertThat(server.countedOnWire()).isEqualTo(client.sent(socket.wire()));
        }

        @Test
        @DisplayName("hole 20, R27: a frame that is too large becomes a noop and keeps its number")
        void oversize() {
            send(1, 3);
            client.write(first, 10);
            client.withdraw(2);
            Attempt again = attached(true);
            List<Buffer> replay = client.write(again.wire(), 10);
            assertThat(replay).hasSize(3);
            assertThat(replay.get(1)).hasToString("{\"type\":\"noop\"}");
            receive(again.wire(), replay);
            assertThat(accepted).containsExactly("f1", "{\"type\":\"noop\"}", "f3");
        }

        @Test
        @DisplayName("hole 21, R26: a POST that breaks in its third element is no POST at all")
        void brokenArray() {
            JsonCodec codec = new JsonCodec(64 * 1024, 32);
            for (String body :
                    List.of("[{\"type\":\"noop\"},{\"type\":\"noop\"},{\"type\"", "[{\"type\":\"noop\"}]{}")) {
                assertThatThrownBy(() -> codec.split(Buffer.buffer(body)))
                        .as(body)
                        .isInstanceOf(ProtocolException.class);
            }
        }

        @Test
        @DisplayName("hole 23, R13: a client that is ahead of a server without memory is told that its session is lost")
        void serverForgot() {
            assertThat(server.check(new ClientFrame.Resume("s", "k", 1, 0, 57))).isEqualTo(Verdict.LOST);
            assertThat(server.check(new ClientFrame.Resume("s", "k", 1, 57, 0))).isEqualTo(Verdict.LOST);
        }

        @Test
        @DisplayName("hole 23, R17: in a new session only what may be repeated is sent again, numbered from 1")
        void newSession() {
            client.queue(Buffer.buffer("request"), false);
            client.queue(Buffer.buffer("publish with id"), true);
            receive(first, client.write(first, 10));
            accepted.clear();
            Attempt attempt = client.attach(true);
            SessionMachine restarted =
                    new SessionMachine(new Outbox(1000, 2000, Frames.CODEC, channel -> null, new Charge()));
            restarted.commit(attempt.wire(), null);
            client.welcome(attempt.wire(), "other", "key", false, restarted.received(), restarted.first());
            assertThat(client.write(attempt.wire(), 10)).map(Buffer::toString).containsExactly("publish with id");
            assertThat(client.sent(attempt.wire())).isEqualTo(1);
        }
    }
}
