package dev.polywire.session;

import dev.polywire.SlowConsumerPolicy;
import dev.polywire.channel.Encoded;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The counted frames that a session owes its client: those on their way, which have numbers and wait for their
 * acknowledgement, and behind them those without.
 *
 * <p>A frame gets its number when it is first handed to a connection and keeps it (R20); what gives way when there is no room
 * is therefore always a frame without one, or a number would come to mean another frame. Not thread-safe; no clock, no sockets.
 */
class Outbox {

    /** What became of an offered frame. */
    enum Offer {
        /** It is queued. */
        QUEUED,
        /** It is queued, or was dropped for a gap that is queued, and something else gave way. */
        DROPPED,
        /** There is no room and the policy is to disconnect. */
        FULL
    }

    /** A place in the queue. What is in it may change until it has a number. */
    private static final class Slot {
        @Nullable
        Encoded frame;

        final @Nullable String channel;
        int size;
        /** How many frames a gap stands for; 0 when it is no gap. */
        long dropped;
        /** The offset of the last stored message among those. */
        long lastOffset;

        Slot(@Nullable Encoded frame, @Nullable String channel, int size) {
            this.frame = frame;
            this.channel = channel;
            this.size = size;
        }
    }

    private static final int GAP_SIZE = 200;

    private final int window;
    private final int limit;
    private final Codec codec;
    private final Function<String, @Nullable String> epochs;

    private final Ring<Slot> sent = new Ring<>();
    private final ArrayDeque<Slot> pending = new ArrayDeque<>(4);
    private int sentBytes;
    private int pendingBytes;
    private int live;
    private long acked;
    /** The number of the next frame to hand to the present connection. */
    private long cursor = 1;

    private @Nullable Map<String, Slot> newest;
    private @Nullable Map<String, Slot> gaps;
    private @Nullable Consumer<String> gapTaken;

    /**
     * Creates an empty outbox.
     *
     * @param window the most bytes on their way
     * @param limit the most bytes in all
     * @param codec encodes gaps
     * @param epochs the epoch of a channel, for the position that a gap states
     */
    Outbox(int window, int limit, Codec codec, Function<String, @Nullable String> epochs) {
        this.window = window;
        this.limit = limit;
        this.codec = codec;
        this.epochs = epochs;
    }

    /** Sets who hears that a gap of a channel was handed over, so that members and state can be sent afresh (rule 16). */
    void onGapTaken(Consumer<String> listener) {
        gapTaken = listener;
    }

    /** Queues a frame that must not be lost: an answer, an error. */
    Offer offer(Encoded frame) {
        int size = frame.size();
        if (bytes() + size > limit) {
            return Offer.FULL;
        }
        append(new Slot(frame, null, size));
        return Offer.QUEUED;
    }

    /** Queues a channel's frame, or treats it as the channel's policy says. */
    Offer offer(Encoded frame, String channel, SlowConsumerPolicy policy) {
        int size = frame.size();
        String key = null;
        if (policy == SlowConsumerPolicy.LATEST && frame.frame() instanceof ServerFrame.Message message) {
            key = channel + ' ' + (message.key() == null ? "" : message.key());
            Slot older = newest == null ? null : newest.get(key);
            if (older != null) {
                // In the older one's place: moved to the tail, a key that changes all the time would never be sent
                // (hole 14).
                pendingBytes += size - older.size;
                older.frame = frame;
                older.size = size;
                return Offer.QUEUED;
            }
        }
        Offer offer = Offer.QUEUED;
        while (bytes() + size > limit) {
            if (policy == SlowConsumerPolicy.DISCONNECT) {
                return Offer.FULL;
            }
            offer = Offer.DROPPED;
            if (!dropOldest(channel)) {
                // Nothing of its own can give way: the frame itself does.
                extendGap(channel, frame, null);
                return Offer.DROPPED;
            }
        }
        Slot slot = new Slot(frame, channel, size);
        append(slot);
        if (key != null) {
            if (newest == null) {
                newest = new HashMap<>();
            }
            newest.put(key, slot);
        }
        return offer;
    }

    private boolean dropOldest(String channel) {
        for (Slot slot : pending) {
            if (slot.frame != null && slot.dropped == 0 && channel.equals(slot.channel)) {
                Encoded gone = slot.frame;
                forget(slot);
                pendingBytes -= slot.size;
                live--;
                slot.frame = null;
                slot.size = 0;
                extendGap(channel, gone, slot);
                return true;
            }
        }
        return false;
    }

    /** Adds a dropped frame to the channel's gap, which takes the first dropped one's place. */
    private void extendGap(String channel, Encoded gone, @Nullable Slot place) {
        if (gaps == null) {
            gaps = new HashMap<>();
        }
        Slot gap = gaps.get(channel);
        if (gap == null) {
            gap = place == null ? new Slot(null, channel, 0) : place;
            gap.size = GAP_SIZE;
            gaps.put(channel, gap);
            if (place == null) {
                append(gap);
            } else {
                pendingBytes += GAP_SIZE;
                live++;
            }
        }
        gap.dropped++;
        if (gone.frame() instanceof ServerFrame.Message message && message.offset() > gap.lastOffset) {
            gap.lastOffset = message.offset();
        }
    }

    private void append(Slot slot) {
        pending.add(slot);
        pendingBytes += slot.size;
        live++;
    }

    private void forget(Slot slot) {
        if (newest != null && slot.frame != null && slot.frame.frame() instanceof ServerFrame.Message message) {
            newest.remove(slot.channel + " " + (message.key() == null ? "" : message.key()), slot);
        }
    }

    /**
     * Hands over the next frame on the present connection, first those to be replayed.
     *
     * @return null when there is none, or the window is full
     */
    @Nullable
    Encoded take() {
        if (cursor <= lastNumbered()) {
            return sent.get((int) (cursor++ - acked - 1)).frame;
        }
        while (true) {
            Slot slot = pending.peek();
            if (slot == null) {
                return null;
            }
            boolean gap = slot.dropped > 0;
            if (slot.frame == null && !gap) {
                pending.poll();
                continue;
            }
            if (sentBytes > 0 && sentBytes + slot.size > window) {
                return null;
            }
            pending.poll();
            live--;
            pendingBytes -= slot.size;
            if (gap) {
                makeGap(slot);
            } else {
                forget(slot);
            }
            sent.add(slot);
            sentBytes += slot.size;
            cursor++;
            if (gap && gapTaken != null && slot.channel != null) {
                gapTaken.accept(slot.channel);
            }
            return slot.frame;
        }
    }

    private void makeGap(Slot slot) {
        String channel = slot.channel;
        if (channel == null) {
            throw new IllegalStateException("A gap is always a channel's.");
        }
        if (gaps != null) {
            gaps.remove(channel);
        }
        String epoch = epochs.apply(channel);
        Position position = epoch == null || slot.lastOffset == 0 ? null : new Position(epoch, slot.lastOffset);
        slot.frame = new Encoded(
                new ServerFrame.Gap(channel, ServerFrame.GapReason.OVERFLOW, position, slot.dropped), codec);
    }

    /** Tells whether {@link #take} would hand over something. */
    boolean ready() {
        if (cursor <= lastNumbered()) {
            return true;
        }
        for (Slot slot : pending) {
            if (slot.frame != null || slot.dropped > 0) {
                return sentBytes == 0 || sentBytes + slot.size <= window;
            }
        }
        return false;
    }

    /**
     * Lets go of what the client has handed over. Lower, late counts are ignored.
     *
     * @return false when the count is ahead of what was ever sent
     */
    boolean acknowledge(long count) {
        if (count > lastNumbered()) {
            return false;
        }
        while (acked < count) {
            sentBytes -= sent.removeFirst().size;
            acked++;
        }
        if (cursor <= acked) {
            cursor = acked + 1;
        }
        return true;
    }

    /** Begins again for a new connection: what is not acknowledged is replayed. */
    void rewind() {
        cursor = acked + 1;
    }

    /** Takes a channel away from a session that may no longer read it (rule 11). */
    void deny(String channel) {
        for (Slot slot : pending) {
            if (channel.equals(slot.channel) && (slot.frame != null || slot.dropped > 0)) {
                forget(slot);
                pendingBytes -= slot.size;
                live--;
                slot.frame = null;
                slot.dropped = 0;
                slot.size = 0;
            }
        }
        if (gaps != null) {
            gaps.remove(channel);
        }
        // What has a number keeps it, so that the count stays right, but means a gap from now on.
        Encoded gap = new Encoded(new ServerFrame.Gap(channel, ServerFrame.GapReason.DENIED, null, 0), codec);
        for (int i = 0; i < sent.size(); i++) {
            Slot slot = sent.get(i);
            if (channel.equals(slot.channel)) {
                sentBytes += gap.size() - slot.size;
                slot.frame = gap;
                slot.size = gap.size();
            }
        }
    }

    /** Returns the number of the last frame that was handed to the present connection, or acknowledged. */
    long handed() {
        return cursor - 1;
    }

    /** Returns the highest number that was acknowledged. */
    long acked() {
        return acked;
    }

    /** Returns the highest number given. */
    long lastNumbered() {
        return acked + sent.size();
    }

    /** Returns how many frames there will have been when all that is queued is sent. */
    long total() {
        return lastNumbered() + live;
    }

    /** Returns the bytes that are kept. */
    int bytes() {
        return sentBytes + pendingBytes;
    }
}
