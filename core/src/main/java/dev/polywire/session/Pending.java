package dev.polywire.session;

import dev.polywire.SlowConsumerPolicy;
import dev.polywire.channel.Encoded;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.session.Outbox.Offer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The part of an {@link Outbox} that has no numbers yet, and in which frames may therefore give way to others as the policy of
 * their channel says.
 */
final class Pending {

    /**
     * A place whose content may give way or change; without a frame it is a gap to be. Frames that must not give way are queued as
     * they are, without one: most channels have no others.
     */
    private static final class Slot {
        @Nullable
        Encoded frame;

        final String channel;
        int size;
        /** How many frames a gap stands for; 0 when it is no gap. */
        long dropped;
        /** The offset of the last stored message among those. */
        long lastOffset;

        Slot(@Nullable Encoded frame, String channel, int size) {
            this.frame = frame;
            this.channel = channel;
            this.size = size;
        }
    }

    /**
     * A place as it is handed to another node.
     *
     * @param frame null for a gap to be
     * @param channel null when it must not give way
     * @param newest whether the next one of its key takes its place
     * @param dropped how many frames a gap stands for
     * @param lastOffset the offset of the last stored message among those
     */
    record Place(@Nullable Encoded frame, @Nullable String channel, boolean newest, long dropped, long lastOffset) {}

    /** What a gap is charged before it is written. */
    static final int GAP_SIZE = 200;

    private final Codec codec;
    private final Function<String, @Nullable String> epochs;

    /** Each an {@link Encoded} that stays, or a {@link Slot}. */
    private final Ring<Object> queue = new Ring<>();

    /** How many of them are slots. */
    private int slots;

    private int bytes;
    private @Nullable Map<String, Slot> newest;
    private @Nullable Map<String, Slot> gaps;
    private @Nullable Consumer<String> gapTaken;

    Pending(Codec codec, Function<String, @Nullable String> epochs) {
        this.codec = codec;
        this.epochs = epochs;
    }

    void onGapTaken(Consumer<String> listener) {
        gapTaken = listener;
    }

    /** Queues a frame that must not be lost within a number of bytes; what may be dropped gives way to it. */
    Offer offer(Encoded frame, int room) {
        int size = frame.size();
        Offer offer = Offer.QUEUED;
        while (bytes + size > room) {
            if (!dropOldest(null)) {
                return Offer.FULL;
            }
            offer = Offer.DROPPED;
        }
        queue.add(frame);
        bytes += size;
        return offer;
    }

    /** Queues a channel's frame within a number of bytes, or treats it as a policy that may drop says. */
    Offer offer(Encoded frame, String channel, SlowConsumerPolicy policy, int room) {
        int size = frame.size();
        String key = null;
        if (policy == SlowConsumerPolicy.LATEST && frame.frame() instanceof ServerFrame.Message message) {
            key = key(channel, message);
            Slot older = newest == null ? null : newest.get(key);
            if (newest != null && older != null) {
                bytes -= older.size;
                if (bytes + size <= room) {
                    // In the older one's place: moved to the tail, a key that changes all the time would never be sent
                    // (hole 14).
                    bytes += size;
                    older.frame = frame;
                    older.size = size;
                    return Offer.QUEUED;
                }
                remove(older);
                newest.remove(key);
            }
        }
        Offer offer = Offer.QUEUED;
        while (bytes + size > room) {
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

    private void append(Slot slot) {
        queue.add(slot);
        slots++;
        bytes += slot.size;
    }

    private void remove(Slot slot) {
        for (int i = 0; i < queue.size(); i++) {
            if (queue.get(i) == slot) {
                queue.remove(i);
                slots--;
                return;
            }
        }
    }

    /** Drops the oldest frame of a channel, or, when that is null, of any, that may be dropped. */
    private boolean dropOldest(@Nullable String channel) {
        if (slots == 0) {
            return false;
        }
        for (int i = 0; i < queue.size(); i++) {
            if (!(queue.get(i) instanceof Slot slot)) {
                continue;
            }
            Encoded gone = slot.frame;
            if (gone == null || (channel != null && !channel.equals(slot.channel))) {
                continue;
            }
            forget(slot);
            bytes -= slot.size;
            slot.frame = null;
            if (gaps != null && gaps.containsKey(slot.channel)) {
                // An empty place would stay for as long as the client is away, and be passed by every search.
                queue.remove(i);
                slots--;
            }
            extendGap(slot.channel, gone, slot);
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
            gap = place == null ? new Slot(null, channel, GAP_SIZE) : place;
            gap.size = GAP_SIZE;
            gaps.put(channel, gap);
            if (place == null) {
                append(gap);
            } else {
                bytes += GAP_SIZE;
            }
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

    private static String key(String channel, ServerFrame.Message message) {
        return channel + ' ' + (message.key() == null ? "" : message.key());
    }

    private void forget(Slot slot) {
        if (newest != null && slot.frame != null && slot.frame.frame() instanceof ServerFrame.Message message) {
            newest.remove(key(slot.channel, message), slot);
        }
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    int size() {
        return queue.size();
    }

    int bytes() {
        return bytes;
    }

    /** Returns the bytes of the frames that a count has not met elsewhere, and of the gaps, which are shared with nobody. */
    long count(int round) {
        long met = 0;
        for (int i = 0; i < queue.size(); i++) {
            Object place = queue.get(i);
            Encoded frame = place instanceof Slot slot ? slot.frame : (Encoded) place;
            met += frame == null || frame.first(round) ? sizeOf(place) : 0;
        }
        return met;
    }

    /** Returns what the next frame is charged; there must be one. */
    int nextSize() {
        return sizeOf(queue.get(0));
    }

    private static int sizeOf(Object place) {
        return place instanceof Encoded frame ? frame.size() : ((Slot) place).size;
    }

    /** Takes out the next frame, which gets a number now; there must be one. */
    Encoded take() {
        Object next = queue.removeFirst();
        if (next instanceof Encoded frame) {
            bytes -= frame.size();
            return frame;
        }
        Slot slot = (Slot) next;
        slots--;
        bytes -= slot.size;
        Encoded frame = slot.frame;
        if (frame != null) {
            forget(slot);
            return frame;
        }
        if (gaps != null) {
            gaps.remove(slot.channel);
        }
        String epoch = epochs.apply(slot.channel);
        Position position = epoch == null || slot.lastOffset == 0 ? null : new Position(epoch, slot.lastOffset);
        Encoded gap = new Encoded(
                new ServerFrame.Gap(slot.channel, ServerFrame.GapReason.OVERFLOW, position, slot.dropped), codec);
        if (gapTaken != null) {
            gapTaken.accept(slot.channel);
        }
        return gap;
    }

    /** Drops what is of a channel that may no longer be read; a question keeps a refusal for its answer. */
    void deny(String channel) {
        for (int i = 0; i < queue.size(); ) {
            Object place = queue.get(i);
            Slot slot = place instanceof Slot one ? one : null;
            Encoded frame = slot == null ? (Encoded) place : slot.frame;
            if (!channel.equals(slot == null ? Denial.channel(((Encoded) place).frame()) : slot.channel)) {
                i++;
                continue;
            }
            if (slot != null) {
                forget(slot);
                slots--;
            }
            bytes -= sizeOf(place);
            ServerFrame error = frame == null ? null : Denial.answer(frame.frame());
            if (error == null) {
                queue.remove(i);
            } else {
                Encoded refusal = new Encoded(error, codec);
                queue.set(i++, refusal);
                bytes += refusal.size();
            }
        }
        if (gaps != null) {
            gaps.remove(channel);
        }
    }

    /** Returns what there is, for the node that goes on with the session. */
    List<Place> freeze() {
        List<Place> places = new ArrayList<>(queue.size());
        for (int i = 0; i < queue.size(); i++) {
            Object place = queue.get(i);
            if (place instanceof Slot slot) {
                boolean last = newest != null
                        && slot.frame != null
                        && slot.frame.frame() instanceof ServerFrame.Message message
                        && newest.get(key(slot.channel, message)) == slot;
                places.add(new Place(slot.frame, slot.channel, last, slot.dropped, slot.lastOffset));
            } else {
                places.add(new Place((Encoded) place, null, false, 0, 0));
            }
        }
        return places;
    }

    /** Goes on with what another node had, before anything else is queued. */
    void thaw(List<Place> places) {
        for (Place place : places) {
            Encoded frame = place.frame();
            String channel = place.channel();
            if (channel == null) {
                if (frame != null) {
                    queue.add(frame);
                    bytes += frame.size();
                }
                continue;
            }
            Slot slot = new Slot(frame, channel, frame == null ? GAP_SIZE : frame.size());
            slot.dropped = place.dropped();
            slot.lastOffset = place.lastOffset();
            append(slot);
            if (frame == null) {
                gaps = gaps == null ? new HashMap<>() : gaps;
                gaps.put(channel, slot);
            } else if (place.newest() && frame.frame() instanceof ServerFrame.Message message) {
                newest = newest == null ? new HashMap<>() : newest;
                newest.put(key(channel, message), slot);
            }
        }
    }
}
