package dev.polywire.session;

import dev.polywire.SlowConsumerPolicy;
import dev.polywire.channel.Encoded;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
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

    /** A place in the queue. What is in it may change until it has a number; without a frame it is a gap to be. */
    private static final class Slot {
        @Nullable
        Encoded frame;

        final @Nullable String channel;
        /** Whether it may give way to others. */
        final boolean droppable;

        int size;
        /** How many frames a gap stands for; 0 when it is no gap. */
        long dropped;
        /** The offset of the last stored message among those. */
        long lastOffset;

        Slot(@Nullable Encoded frame, @Nullable String channel, int size, boolean droppable) {
            this.frame = frame;
            this.channel = channel;
            this.size = size;
            this.droppable = droppable;
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
    private long acked;
    /** The number before that of the first frame kept. Lower than {@link #acked} while a replay goes through what was acknowledged. */
    private long base;
    /** The number of the next frame to hand to the present connection. */
    private long cursor = 1;

    private @Nullable Map<String, Slot> newest;
    private @Nullable Map<String, Slot> gaps;
    private @Nullable Consumer<String> gapTaken;

    /**
     * Creates an empty outbox.
     *
     * @param window the most bytes on their way
     * @param limit the most bytes in all, but for one small gap for each channel, which is never dropped
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

    /** Queues a frame that must not be lost: an answer, an error. What may be dropped gives way to it. */
    Offer offer(Encoded frame) {
        return keep(frame, Denial.channel(frame.frame()));
    }

    /** Queues a channel's frame, or treats it as the channel's policy says. */
    Offer offer(Encoded frame, String channel, SlowConsumerPolicy policy) {
        if (policy == SlowConsumerPolicy.DISCONNECT) {
            return keep(frame, channel);
        }
        int size = frame.size();
        String key = null;
        if (policy == SlowConsumerPolicy.LATEST && frame.frame() instanceof ServerFrame.Message message) {
            key = key(channel, message);
            Slot older = newest == null ? null : newest.get(key);
            if (newest != null && older != null) {
                pendingBytes -= older.size;
                if (bytes() + size <= limit) {
                    // In the older one's place: moved to the tail, a key that changes all the time would never be sent
                    // (hole 14).
                    pendingBytes += size;
                    older.frame = frame;
                    older.size = size;
                    return Offer.QUEUED;
                }
                pending.remove(older);
                newest.remove(key);
            }
        }
        Offer offer = Offer.QUEUED;
        while (bytes() + size > limit) {
            offer = Offer.DROPPED;
            if (!dropOldest(channel)) {
                // Nothing of its own can give way: the frame itself does.
                extendGap(channel, frame, null);
                return Offer.DROPPED;
            }
        }
        Slot slot = new Slot(frame, channel, size, true);
        append(slot);
        if (key != null) {
            if (newest == null) {
                newest = new HashMap<>();
            }
            newest.put(key, slot);
        }
        return offer;
    }

    private Offer keep(Encoded frame, @Nullable String channel) {
        int size = frame.size();
        Offer offer = Offer.QUEUED;
        while (bytes() + size > limit) {
            if (!dropOldest(null)) {
                return Offer.FULL;
            }
            offer = Offer.DROPPED;
        }
        append(new Slot(frame, channel, size, false));
        return offer;
    }

    /** Drops the oldest frame of a channel, or, when that is null, of any, that may be dropped and has no number. */
    private boolean dropOldest(@Nullable String channel) {
        for (Iterator<Slot> all = pending.iterator(); all.hasNext(); ) {
            Slot slot = all.next();
            Encoded gone = slot.frame;
            String own = slot.channel;
            if (gone == null || own == null || !slot.droppable || (channel != null && !channel.equals(own))) {
                continue;
            }
            forget(slot);
            pendingBytes -= slot.size;
            slot.frame = null;
            if (gaps != null && gaps.containsKey(own)) {
                // An empty place would stay for as long as the client is away, and be passed by every search.
                all.remove();
            }
            extendGap(own, gone, slot);
            return true;
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
            gap = place == null ? new Slot(null, channel, 0, true) : place;
            gap.size = GAP_SIZE;
            gaps.put(channel, gap);
            if (place == null) {
                pending.add(gap);
            }
            pendingBytes += GAP_SIZE;
        }
        gap.dropped++;
        if (gone.frame() instanceof ServerFrame.Message message && message.offset() > gap.lastOffset) {
            gap.lastOffset = message.offset();
        } else if (gone.frame() instanceof ServerFrame.Gap told) {
            Position position = told.position();
            if (position != null) {
                // Offsets may have begun anew with it, so the higher one is not the later one.
                gap.lastOffset = position.offset();
            }
        }
    }

    private void append(Slot slot) {
        pending.add(slot);
        pendingBytes += slot.size;
    }

    private static String key(String channel, ServerFrame.Message message) {
        return channel + ' ' + (message.key() == null ? "" : message.key());
    }

    private void forget(Slot slot) {
        if (newest != null
                && slot.channel != null
                && slot.frame != null
                && slot.frame.frame() instanceof ServerFrame.Message message) {
            newest.remove(key(slot.channel, message), slot);
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
            Encoded again = sent.get((int) (cursor++ - base - 1)).frame;
            trim();
            return again;
        }
        Slot slot = pending.peek();
        if (slot == null || !fits(slot)) {
            return null;
        }
        pending.poll();
        pendingBytes -= slot.size;
        boolean gap = slot.frame == null;
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

    private boolean fits(Slot slot) {
        return sentBytes == 0 || sentBytes + slot.size <= window;
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
        Slot slot = pending.peek();
        return slot != null && fits(slot);
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
        acked = Math.max(acked, count);
        trim();
        return true;
    }

    /**
     * Drops what is acknowledged, up to where the present connection is. The client may have had frames from the wire before
     * that are still to be replayed here; it numbers what comes on this one by order, so that none may be left out.
     */
    private void trim() {
        while (base < acked && base + 1 < cursor) {
            sentBytes -= sent.removeFirst().size;
            base++;
        }
    }

    /** Begins again for a new connection: what is not acknowledged is replayed. */
    void rewind() {
        cursor = acked + 1;
        trim();
    }

    /** Takes a channel away from a session that may no longer read it (rule 11). */
    void deny(String channel) {
        for (Iterator<Slot> all = pending.iterator(); all.hasNext(); ) {
            Slot slot = all.next();
            if (!channel.equals(slot.channel)) {
                continue;
            }
            forget(slot);
            pendingBytes -= slot.size;
            ServerFrame error = slot.frame == null ? null : Denial.answer(slot.frame.frame());
            if (error == null) {
                all.remove();
            } else {
                put(slot, new Encoded(error, codec));
                pendingBytes += slot.size;
            }
        }
        if (gaps != null) {
            gaps.remove(channel);
        }
        // What has a number keeps it, so that the count stays right, but means something else from now on.
        Encoded gap = new Encoded(Denial.gap(channel), codec);
        for (int i = 0; i < sent.size(); i++) {
            Slot slot = sent.get(i);
            Encoded denied = slot.frame;
            if (channel.equals(slot.channel) && denied != null) {
                ServerFrame error = Denial.answer(denied.frame());
                sentBytes -= slot.size;
                put(slot, error == null ? gap : new Encoded(error, codec));
                sentBytes += slot.size;
            }
        }
    }

    private static void put(Slot slot, Encoded frame) {
        slot.frame = frame;
        slot.size = frame.size();
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
        return base + sent.size();
    }

    /** Returns how many frames there will have been when all that is queued is sent. */
    long total() {
        return lastNumbered() + pending.size();
    }

    /** Returns the bytes that are kept. */
    int bytes() {
        return sentBytes + pendingBytes;
    }

    /** Returns the bytes that have a number and are not acknowledged, which the window bounds. */
    int bytesOnTheWay() {
        return sentBytes;
    }

    /** Returns how many places the queue has, those on their way included. */
    int places() {
        return sent.size() + pending.size();
    }
}
