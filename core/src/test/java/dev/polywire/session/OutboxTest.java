package dev.polywire.session;

import static dev.polywire.SlowConsumerPolicy.DISCONNECT;
import static dev.polywire.SlowConsumerPolicy.DROP_OLDEST;
import static dev.polywire.SlowConsumerPolicy.LATEST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.channel.Encoded;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.session.Outbox.Offer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What the queue downstream keeps, gives way with and replays. Every frame is charged 100 where nothing else is said. */
class OutboxTest {
    private static final int SIZE = 100;
    private static final int GAP = 200;

    private final List<String> refreshed = new ArrayList<>();
    private Outbox outbox = outbox(500, 1000);

    private Outbox outbox(int window, int limit) {
        Outbox made = new Outbox(
                window, limit, Frames.CODEC, channel -> channel.startsWith("stored") ? "e1" : null, new Charge());
        made.onGapTaken(refreshed::add);
        return made;
    }

    private static Encoded to(String channel, long serial) {
        return Frames.message(channel, null, serial, serial, SIZE);
    }

    private void direct(long from, long to) {
        for (long serial = from; serial <= to; serial++) {
            assertThat(outbox.offer(Frames.direct(serial, SIZE))).isEqualTo(Offer.QUEUED);
        }
    }

    private void stored(long from, long to) {
        for (long serial = from; serial <= to; serial++) {
            outbox.offer(to("stored", serial), "stored", DROP_OLDEST);
        }
    }

    /** Takes all it can, as text: a message is its serial number, a gap {@code gap+count@offset}. */
    private List<String> taken() {
        List<String> all = new ArrayList<>();
        for (Encoded next = outbox.take(); next != null; next = outbox.take()) {
            all.add(text(next.frame()));
        }
        return all;
    }

    /** Takes and acknowledges until nothing is left. */
    private List<String> drained() {
        List<String> all = new ArrayList<>();
        while (outbox.ready()) {
            all.addAll(taken());
            outbox.acknowledge(outbox.handed());
        }
        assertThat(outbox.bytes()).isZero();
        assertThat(outbox.total()).isEqualTo(outbox.acked());
        return all;
    }

    private static String text(ServerFrame frame) {
        if (frame instanceof ServerFrame.Message message) {
            return Long.toString(message.timestamp());
        }
        if (frame instanceof ServerFrame.Gap gap) {
            Position position = gap.position();
            return gap.reason() == ServerFrame.GapReason.DENIED
                    ? "denied"
                    : "gap+" + gap.count() + (position == null ? "" : "@" + position.offset());
        }
        return frame.getClass().getSimpleName();
    }

    @Nested
    class Numbers {
        @Test
        void aFrameGetsItsNumberWhenItIsFirstHandedOver() {
            direct(1, 3);
            assertThat(outbox.lastNumbered()).isZero();
            assertThat(outbox.total()).isEqualTo(3);
            assertThat(taken()).containsExactly("1", "2", "3");
            assertThat(outbox.lastNumbered()).isEqualTo(3);
            assertThat(outbox.handed()).isEqualTo(3);
        }

        @Test
        void replaysWhatIsNotAcknowledgedAndKeepsTheNumbers() {
            direct(1, 4);
            taken();
            assertThat(outbox.acknowledge(2)).isTrue();
            outbox.rewind();
            assertThat(outbox.handed()).isEqualTo(2);
            assertThat(taken()).containsExactly("3", "4");
            assertThat(outbox.lastNumbered()).isEqualTo(4);
        }

        @Test
        void ignoresLowerCountsAndRefusesThoseAheadOfWhatWasSent() {
            direct(1, 3);
            taken();
            assertThat(outbox.acknowledge(3)).isTrue();
            assertThat(outbox.acknowledge(1)).isTrue();
            assertThat(outbox.acked()).isEqualTo(3);
            assertThat(outbox.acknowledge(4)).isFalse();
            assertThat(outbox.acked()).isEqualTo(3);
        }

        /**
         * The client handed over 3 and 4 from the wire before, whose bytes were late; it says so while the new wire is in
         * the middle of replaying them. The client numbers the new wire's frames from its {@code first}, so none may be
         * left out.
         */
        @Test
        void leavesNothingOutOfAReplayThatIsAcknowledgedMeanwhile() {
            direct(1, 5);
            taken();
            outbox.acknowledge(2);
            outbox.rewind();
            assertThat(text(outbox.take().frame())).isEqualTo("3");
            outbox.acknowledge(5);
            assertThat(outbox.handed()).isEqualTo(3);
            direct(6, 6);
            assertThat(taken()).containsExactly("4", "5", "6");
            assertThat(outbox.handed()).isEqualTo(6);
            assertThat(outbox.bytes()).isEqualTo(SIZE);
            outbox.rewind();
            assertThat(taken()).containsExactly("6");
        }

        @Test
        void letsGoOfWhatWasAcknowledgedAheadOfAReplayThatBrokeOff() {
            direct(1, 5);
            taken();
            outbox.rewind();
            outbox.acknowledge(4);
            outbox.rewind();
            assertThat(outbox.bytes()).isEqualTo(SIZE);
            assertThat(outbox.handed()).isEqualTo(4);
            assertThat(taken()).containsExactly("5");
        }
    }

    @Nested
    class Bounds {
        @Test
        void holdsBackWhatDoesNotFitIntoTheWindow() {
            direct(1, 8);
            assertThat(taken()).containsExactly("1", "2", "3", "4", "5");
            assertThat(outbox.ready()).isFalse();
            outbox.acknowledge(1);
            assertThat(outbox.ready()).isTrue();
            assertThat(taken()).containsExactly("6");
        }

        @Test
        void sendsAFrameThatIsLargerThanTheWindowAlone() {
            outbox.offer(Frames.direct(1, 700));
            outbox.offer(Frames.direct(2, SIZE));
            assertThat(taken()).containsExactly("1");
            outbox.acknowledge(1);
            assertThat(taken()).containsExactly("2");
        }

        @Test
        void isFullWhenWhatMustNotBeLostDoesNotFit() {
            direct(1, 10);
            assertThat(outbox.offer(Frames.direct(11, SIZE))).isEqualTo(Offer.FULL);
            assertThat(outbox.offer(to("c", 12), "c", DISCONNECT)).isEqualTo(Offer.FULL);
            assertThat(outbox.bytes()).isEqualTo(1000);
            assertThat(drained()).hasSize(10);
        }

        /** An answer must not end a session whose outbox is full of what may be dropped. */
        @Test
        void dropsWhatMayBeDroppedForWhatMustNotBeLost() {
            stored(1, 10);
            assertThat(outbox.offer(Frames.direct(11, SIZE))).isEqualTo(Offer.DROPPED);
            assertThat(outbox.offer(to("c", 12), "c", DISCONNECT)).isEqualTo(Offer.DROPPED);
            assertThat(outbox.bytes()).isLessThanOrEqualTo(1000);
            assertThat(drained()).containsExactly("gap+4@4", "5", "6", "7", "8", "9", "10", "11", "12");
        }

        @Test
        void staysSmallBehindAClientThatIsAway() {
            outbox = outbox(500, 100_000);
            stored(1, 200_000);
            assertThat(outbox.places()).isLessThanOrEqualTo(1000);
            List<String> all = drained();
            assertThat(all.get(0)).startsWith("gap+");
            assertThat(all).last().isEqualTo("200000");
        }
    }

    @Nested
    class DropOldest {
        @Test
        void mergesWhatWasDroppedIntoOneGapBeforeTheChannelsNextFrame() {
            stored(1, 3);
            direct(101, 101);
            stored(4, 12);
            assertThat(outbox.bytes()).isLessThanOrEqualTo(1000);
            assertThat(drained())
                    .as("one gap, in the place of the first that was dropped")
                    .containsExactly("gap+5@5", "101", "6", "7", "8", "9", "10", "11", "12");
            assertThat(refreshed).containsExactly("stored");
        }

        @Test
        void neverTouchesWhatHasANumber() {
            stored(1, 5);
            assertThat(taken()).hasSize(5);
            stored(6, 14);
            outbox.rewind();
            assertThat(taken()).containsExactly("1", "2", "3", "4", "5");
            outbox.acknowledge(5);
            assertThat(drained()).containsExactly("gap+6@11", "12", "13", "14");
        }

        @Test
        void givesWayItselfWhenItsChannelHasNothingElse() {
            direct(1, 10);
            assertThat(outbox.offer(to("stored", 11), "stored", DROP_OLDEST)).isEqualTo(Offer.DROPPED);
            assertThat(outbox.offer(to("stored", 12), "stored", DROP_OLDEST)).isEqualTo(Offer.DROPPED);
            assertThat(outbox.bytes()).as("a gap is never dropped").isLessThanOrEqualTo(1000 + GAP);
            assertThat(drained()).last().isEqualTo("gap+2@12");
        }

        @Test
        void beginsANewGapAfterOneWasSent() {
            stored(1, 20);
            String first = text(outbox.take().frame());
            assertThat(first).isEqualTo("gap+12@12");
            stored(21, 30);
            assertThat(drained()).startsWith("gap+12@24").endsWith("30");
            assertThat(refreshed).containsExactly("stored", "stored");
        }

        @Test
        void touchesOnlyItsOwnChannel() {
            outbox.offer(to("other", 1), "other", DROP_OLDEST);
            stored(2, 20);
            assertThat(drained()).startsWith("1").endsWith("20");
        }

        @Test
        void statesNoPositionForAChannelWithoutHistory() {
            for (long serial = 1; serial <= 12; serial++) {
                outbox.offer(Frames.message("c", null, serial, 0, SIZE), "c", DROP_OLDEST);
            }
            assertThat(drained()).startsWith("gap+4");
        }

        /** Offsets begin anew with an epoch: a position made of the new epoch and an old offset would skip messages. */
        @Test
        void takesThePositionFromADroppedGapThatBeganAnEpoch() {
            stored(901, 905);
            ServerFrame.Gap epoch =
                    new ServerFrame.Gap("stored", ServerFrame.GapReason.EPOCH, new Position("e1", 3), 0);
            outbox.offer(Frames.encoded(epoch), "stored", DROP_OLDEST);
            for (long serial = 4; serial <= 13; serial++) {
                outbox.offer(Frames.message("stored", null, serial, serial, SIZE), "stored", DROP_OLDEST);
            }
            List<String> all = drained();
            assertThat(all.get(0)).isEqualTo("gap+8@5");
            assertThat(all.get(1)).isEqualTo("6");
        }
    }

    @Nested
    class Latest {
        private Offer offer(String key, long serial, int size) {
            return outbox.offer(Frames.message("c", key, serial, 0, size), "c", LATEST);
        }

        @Test
        void replacesInTheOlderOnesPlace() {
            offer("a", 1, SIZE);
            offer("b", 2, SIZE);
            offer("a", 3, SIZE);
            assertThat(outbox.bytes()).isEqualTo(2 * SIZE);
            assertThat(drained()).containsExactly("3", "2");
        }

        @Test
        void replacesNothingThatHasANumber() {
            offer("a", 1, SIZE);
            assertThat(taken()).containsExactly("1");
            offer("a", 2, SIZE);
            outbox.rewind();
            assertThat(taken()).containsExactly("1", "2");
        }

        @Test
        void staysWithinTheBoundWhenTheNewerOneIsLarger() {
            offer("a", 1, SIZE);
            for (int i = 0; i < 9; i++) {
                offer("b" + i, 2 + i, SIZE);
            }
            assertThat(outbox.bytes()).isEqualTo(1000);
            assertThat(offer("a", 20, 400)).isEqualTo(Offer.DROPPED);
            assertThat(outbox.bytes()).isLessThanOrEqualTo(1000);
            assertThat(drained()).contains("20").doesNotContain("1").anyMatch(each -> each.startsWith("gap+"));
        }

        @Test
        void keepsFramesWithoutAKeyApart() {
            outbox.offer(Frames.encoded(new ServerFrame.Noop()), "c", LATEST);
            outbox.offer(Frames.encoded(new ServerFrame.Noop()), "c", LATEST);
            assertThat(outbox.total()).isEqualTo(2);
        }

        @Test
        void forgetsADroppedOnesPlace() {
            for (int i = 1; i <= 12; i++) {
                offer("k" + i, i, SIZE);
            }
            offer("k1", 13, SIZE);
            assertThat(outbox.bytes()).isLessThanOrEqualTo(1000);
            assertThat(drained()).startsWith("gap+5").endsWith("12", "13");
        }
    }

    @Nested
    class Deny {
        @Test
        void purgesWhatHasNoNumberAndTurnsTheRestIntoGaps() {
            stored(1, 2);
            direct(3, 3);
            stored(4, 4);
            direct(5, 5);
            assertThat(text(outbox.take().frame())).isEqualTo("1");
            outbox.deny("stored");
            outbox.rewind();
            assertThat(taken()).containsExactly("denied", "3", "5");
            assertThat(outbox.handed()).isEqualTo(3);
        }

        @Test
        void purgesAGapThatWaits() {
            stored(1, 20);
            outbox.deny("stored");
            assertThat(outbox.bytes()).isZero();
            assertThat(outbox.ready()).isFalse();
            stored(21, 21);
            assertThat(drained()).containsExactly("21");
        }

        /** What answers a question of the client is about a channel too; the client still needs an answer. */
        @Test
        void leavesNoAnswerAboutTheChannelBehind() {
            Payload secret = Payload.of("secret");
            outbox.offer(Frames.encoded(new ServerFrame.Subscribed("s1", "c", null, null, false, null, -1, 0, secret)));
            outbox.offer(Frames.encoded(new ServerFrame.History("h1", "c", List.of(), new Position("e", 0), false)));
            outbox.offer(Frames.encoded(new ServerFrame.PresenceList("p1", "c", List.of(), 0, 1)));
            outbox.offer(Frames.encoded(new ServerFrame.PresenceList("p2", "other", List.of(), 0, 1)));
            outbox.take();
            outbox.deny("c");
            outbox.rewind();
            for (String id : List.of("s1", "h1", "p1")) {
                assertThat(outbox.take().frame())
                        .isInstanceOfSatisfying(
                                ServerFrame.Error.class,
                                error -> assertThat(error.code()).isEqualTo(ErrorCode.FORBIDDEN))
                        .hasFieldOrPropertyWithValue("id", id);
            }
            assertThat(drained()).containsExactly("PresenceList");
        }
    }
}
