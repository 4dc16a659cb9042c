package dev.polywire.session;

import dev.polywire.channel.Encoded;
import dev.polywire.conformance.ClientMachine;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was promised, checked all the time: each number means one frame, the client's application gets 1..N and the server's 1..M,
 * each once and in order, what is missing was told by a gap, counters never run backwards, and what is kept is bounded.
 */
final class SimLedger {
    /** What a run must have seen for its success to mean something. */
    enum Seen {
        /** An attach was refused because of its number. */
        STALE,
        /** A wire took over from one that was in use. */
        REPLACED,
        /** Frames were put on a wire again. */
        REPLAYED,
        /** The client dropped a frame that it had. */
        KNOWN,
        /** An acknowledgement was higher than what the next attach stated. */
        BEHIND,
        /** The server dropped a frame that it had. */
        REPEATED,
        /** A POST came when its frames had gone another way. */
        LATE_POST,
        /** An end was told late that a wire it no longer used had closed. */
        LATE_CLOSE,
        /** A side heard nothing for too long. */
        SILENCE,
        /** A gap told of an overflow. */
        OVERFLOW,
        /** A channel was taken away while its frames were on their way. */
        DENIED,
        /** There was no room for what must not be lost. */
        FULL,
        /** A withdrawn frame's number came as a noop. */
        NOOP,
        /** Another node went on with the session. */
        MOVED
    }

    static final String KEEP = "keep";
    static final String DROP = "drop";
    static final String LATEST = "latest";
    private static final int UPSTREAM = 4096;
    private static final Buffer[] FRAMES = new Buffer[UPSTREAM];
    private static final int GAP = 200;

    static {
        for (int i = 0; i < UPSTREAM; i++) {
            FRAMES[i] = Buffer.buffer().appendInt(i);
        }
    }

    /** One stream of messages with numbers of their own. */
    private static final class Stream {
        /** The number of the last one that the application sent. */
        private long published;
        /** The number of the last one that was put on a wire or told to be missing. */
        private long told;
        /** How many there were when a gap told that any of them may be missing. */
        private long covered;
    }

    private final int window;
    private final int limit;
    private final Map<String, Stream> streams = new HashMap<>();
    private final List<Encoded> numbered = new ArrayList<>();
    private final long[] seen = new long[Seen.values().length];
    private final BitSet denied = new BitSet();
    private final BitSet withdrawn = new BitSet();
    private long serial;
    private long lastSerial;
    private long written;
    private long accepted;
    private long clientReceived;
    private long clientConfirmed;
    private long serverReceived;
    private long serverAcked;

    SimLedger(int window, int limit) {
        this.window = window;
        this.limit = limit;
    }

    /** Notes that something happened. */
    void saw(Seen what) {
        seen[what.ordinal()]++;
    }

    /** Adds what was seen. */
    void count(long[] sums) {
        for (int i = 0; i < seen.length; i++) {
            sums[i] += seen[i];
        }
    }

    /** A promise is broken. */
    void fail(String what) {
        throw new AssertionError(what);
    }

    private Stream stream(String name) {
        return streams.computeIfAbsent(name, made -> new Stream());
    }

    private static String name(@Nullable String channel, @Nullable String key) {
        return channel == null ? "" : key == null ? channel : channel + key;
    }

    // ---- downstream
    // --------------------------------------------------------------------------------------------------

    /** Makes the next frame that the server's application sends. */
    Encoded next(@Nullable String channel, @Nullable String key, int size) {
        return Frames.message(channel, key, serial + 1, stream(name(channel, key)).published + 1, size);
    }

    /** That frame was taken. */
    void published(@Nullable String channel, @Nullable String key) {
        serial++;
        stream(name(channel, key)).published++;
    }

    /** A frame was not taken, because the outbox is full. */
    void refused(Encoded frame, Outbox outbox) {
        if (outbox.bytes() + frame.size() <= limit) {
            fail("a frame was refused though there is room");
        }
        saw(Seen.FULL);
    }

    /** A channel is taken away: what has no number is purged, what has one and is kept becomes a gap. */
    void denied(String channel, long kept, long last) {
        for (int number = (int) kept + 1; number <= last; number++) {
            if (channel.equals(channel(numbered.get(number - 1).frame()))) {
                denied.set(number);
                saw(Seen.DENIED);
            }
        }
        streams.forEach((name, stream) -> {
            if (name.startsWith(channel)) {
                stream.told = stream.published;
            }
        });
    }

    private static @Nullable String channel(ServerFrame frame) {
        return frame instanceof ServerFrame.Message message
                ? message.channel()
                : frame instanceof ServerFrame.Gap gap ? gap.channel() : null;
    }

    private static boolean denial(Encoded frame) {
        return frame.frame() instanceof ServerFrame.Gap gap && gap.reason() == ServerFrame.GapReason.DENIED;
    }

    /** A frame is put on a wire, for the first time or again. */
    void sent(long number, Encoded frame) {
        if (number <= numbered.size()) {
            if (numbered.get((int) number - 1) != frame && !(denied.get((int) number) && denial(frame))) {
                fail("R20: number " + number + " means another frame than before");
            }
            saw(Seen.REPLAYED);
            return;
        }
        if (number != numbered.size() + 1) {
            fail("R20: number " + number + " follows " + numbered.size());
        }
        numbered.add(frame);
        if (frame.frame() instanceof ServerFrame.Message message) {
            message(message);
        } else if (frame.frame() instanceof ServerFrame.Gap gap) {
            gap(gap);
        }
    }

    private void message(ServerFrame.Message message) {
        Stream stream = stream(name(message.channel(), message.key()));
        if (LATEST.equals(message.channel())) {
            if (message.offset() <= stream.told) {
                fail("R23: latest runs backwards");
            }
            stream.told = message.offset();
            return;
        }
        if (message.offset() != ++stream.told) {
            fail("R24: in " + message.channel() + " " + message.offset() + " comes for " + stream.told
                    + " without a gap");
        }
        if (message.timestamp() <= lastSerial) {
            fail("the order between channels is not the one in which they were sent");
        }
        lastSerial = message.timestamp();
    }

    private void gap(ServerFrame.Gap gap) {
        saw(Seen.OVERFLOW);
        String channel = gap.channel();
        if (LATEST.equals(channel)) {
            streams.forEach((name, stream) -> {
                if (name.startsWith(LATEST)) {
                    stream.covered = stream.published;
                }
            });
            return;
        }
        Stream stream = stream(channel);
        stream.told += gap.count();
        if (gap.position() == null || gap.position().offset() != stream.told) {
            fail("R24: a gap up to " + stream.told + " says " + gap.position());
        }
    }

    /** The client's application gets a frame. */
    void handedOver(long number, Encoded frame) {
        if (number > numbered.size()) {
            fail("frame " + number + " was never sent");
        }
        if (numbered.get((int) number - 1) != frame && !(denied.get((int) number) && denial(frame))) {
            fail("the application gets another frame than " + number
                    + ": one is lost, and one comes twice or too early");
        }
    }

    // ---- upstream
    // ----------------------------------------------------------------------------------------------------

    /** Makes the next frame that the client's application sends. */
    Buffer write() {
        return FRAMES[(int) ++written];
    }

    long written() {
        return written;
    }

    /** Takes one back. */
    void withdraw(long number) {
        withdrawn.set((int) number);
    }

    /** The server's application gets a frame. */
    void accepted(long number, Buffer frame) {
        if (number != ++accepted) {
            fail("the server accepts " + number + " after " + (accepted - 1));
        }
        boolean own = number <= written && frame == FRAMES[(int) number];
        if (!own && !(withdrawn.get((int) number) && frame.length() != 4)) {
            fail("R25: the server takes " + (frame.length() == 4 ? frame.getInt(0) : frame) + " for " + number
                    + ": one is lost, and one comes twice or too early");
        }
        if (!own) {
            saw(Seen.NOOP);
        }
    }

    // ---- always
    // ------------------------------------------------------------------------------------------------------

    /** Looks at all counters and bounds. */
    void check(Outbox outbox, SessionMachine server, ClientMachine client) {
        if (client.received() < clientReceived
                || client.confirmed() < clientConfirmed
                || server.received() < serverReceived
                || outbox.acked() < serverAcked) {
            fail("R12: a counter runs backwards");
        }
        clientReceived = client.received();
        clientConfirmed = client.confirmed();
        serverReceived = server.received();
        serverAcked = outbox.acked();
        if (serverAcked > clientReceived || clientReceived > outbox.lastNumbered()) {
            fail("acknowledged " + serverAcked + ", handed over " + clientReceived + ", sent " + outbox.lastNumbered());
        }
        if (clientConfirmed > serverReceived || serverReceived > written) {
            fail("confirmed " + clientConfirmed + ", accepted " + serverReceived + ", written " + written);
        }
        if (outbox.bytesOnTheWay() > window) {
            fail("R23: " + outbox.bytesOnTheWay() + " bytes on the way");
        }
        if (outbox.bytes() > limit && outbox.bytes() > limit + GAP * (2 + gaps())) {
            fail("R23: " + outbox.bytes() + " bytes in the outbox, of " + limit);
        }
    }

    /** Counts the gaps on their way: they are never dropped, so they come on top. */
    private long gaps() {
        return numbered.subList((int) serverAcked, numbered.size()).stream()
                .filter(frame -> frame.frame() instanceof ServerFrame.Gap)
                .count();
    }

    /** Tells whether everything has arrived and both ends know. */
    boolean drained(Outbox outbox, SessionMachine server, ClientMachine client) {
        return clientReceived == outbox.total()
                && outbox.acked() == clientReceived
                && server.received() == written
                && client.confirmed() == written;
    }

    /** All has arrived: was anything lost without a word? */
    void complete() {
        streams.forEach((name, stream) -> {
            if (stream.told != stream.published && stream.covered != stream.published) {
                fail("R24: in '" + name + "' " + stream.published + " were sent, and " + stream.told + " told");
            }
        });
    }
}
