package dev.polywire.session;

import dev.polywire.SlowConsumerPolicy;
import dev.polywire.channel.Encoded;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.ServerFrame;
import java.util.ArrayList;
import java.util.List;
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

    private final int window;
    private final int limit;
    private final Codec codec;

    private final Ring<Encoded> sent = new Ring<>();
    private final Pending pending;
    private final Charge charge;
    private int sentBytes;
    private long acked;
    /** The number before that of the first frame kept. Lower than {@link #acked} while a replay goes through what was acknowledged. */
    private long base;
    /** The number of the next frame to hand to the present connection. */
    private long cursor = 1;

    /**
     * Creates an empty outbox.
     *
     * @param window the most bytes on their way
     * @param limit the most bytes in all, but for one small gap for each channel, which is never dropped
     * @param codec encodes gaps
     * @param epochs the epoch of a channel, for the position that a gap states
     * @param charge is told of all bytes that come in
     */
    Outbox(int window, int limit, Codec codec, Function<String, @Nullable String> epochs, Charge charge) {
        this.charge = charge;
        this.window = window;
        this.limit = limit;
        this.codec = codec;
        this.pending = new Pending(codec, epochs);
    }

    /** Sets who hears that a gap of a channel was handed over, so that members and state can be sent afresh (rule 16). */
    void onGapTaken(Consumer<String> listener) {
        pending.onGapTaken(listener);
    }

    /** Queues a frame that must not be lost: an answer, an error. What may be dropped gives way to it. */
    Offer offer(Encoded frame) {
        charge.add(frame.size());
        return pending.offer(frame, limit - sentBytes);
    }

    /** Queues a channel's frame, or treats it as the channel's policy says. */
    Offer offer(Encoded frame, String channel, SlowConsumerPolicy policy) {
        if (policy == SlowConsumerPolicy.DISCONNECT) {
            return offer(frame);
        }
        charge.add(frame.size() + Pending.GAP_SIZE);
        return pending.offer(frame, channel, policy, limit - sentBytes);
    }

    /**
     * Hands over the next frame on the present connection, first those to be replayed.
     *
     * @return null when there is none, or the window is full
     */
    @Nullable
    Encoded take() {
        if (cursor <= lastNumbered()) {
            Encoded again = sent.get((int) (cursor++ - base - 1));
            trim();
            return again;
        }
        if (pending.isEmpty() || !fits(pending.nextSize())) {
            return null;
        }
        Encoded next = pending.take();
        sent.add(next);
        sentBytes += next.size();
        cursor++;
        return next;
    }

    private boolean fits(int size) {
        return sentBytes == 0 || sentBytes + size <= window;
    }

    /** Tells whether {@link #take} would hand over something. */
    boolean ready() {
        return cursor <= lastNumbered() || !pending.isEmpty() && fits(pending.nextSize());
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
            sentBytes -= sent.removeFirst().size();
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
        int before = pending.bytes();
        pending.deny(channel);
        charge.add(Math.max(0, pending.bytes() - before));
        // What has a number keeps it, so that the count stays right, but means something else from now on.
        Encoded gap = new Encoded(Denial.gap(channel), codec);
        for (int i = 0; i < sent.size(); i++) {
            Encoded denied = sent.get(i);
            if (channel.equals(Denial.channel(denied.frame()))) {
                ServerFrame error = Denial.answer(denied.frame());
                Encoded instead = error == null ? gap : new Encoded(error, codec);
                charge.add(instead.size());
                sentBytes += instead.size() - denied.size();
                sent.set(i, instead);
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
        return base + sent.size();
    }

    /** Returns how many frames there will have been when all that is queued is sent. */
    long total() {
        return lastNumbered() + pending.size();
    }

    /** Returns the bytes that are kept. */
    int bytes() {
        return sentBytes + pending.bytes();
    }

    /** Returns the bytes that have a number and are not acknowledged, which the window bounds. */
    int bytesOnTheWay() {
        return sentBytes;
    }

    /** Returns the bytes of the frames that a count has not met elsewhere. */
    long count(int round) {
        long met = pending.count(round);
        for (int i = 0; i < sent.size(); i++) {
            Encoded frame = sent.get(i);
            met += frame.first(round) ? frame.size() : 0;
        }
        return met;
    }

    /** Returns how many places the queue has, those on their way included. */
    int places() {
        return sent.size() + pending.size();
    }

    /**
     * What it is when the session is handed to another node.
     *
     * @param acked the highest number that was acknowledged
     * @param sent the frames after it that have numbers
     * @param pending those without
     */
    record State(long acked, List<Encoded> sent, List<Pending.Place> pending) {}

    /** Returns what is owed; the connection that there was counts no more. */
    State freeze() {
        rewind();
        List<Encoded> numbered = new ArrayList<>(sent.size());
        for (int i = 0; i < sent.size(); i++) {
            numbered.add(sent.get(i));
        }
        return new State(acked, numbered, pending.freeze());
    }

    /** Goes on with what another node owed; nothing was queued here before. */
    void thaw(State state) {
        acked = state.acked();
        base = acked;
        cursor = acked + 1;
        for (Encoded frame : state.sent()) {
            sent.add(frame);
            sentBytes += frame.size();
        }
        pending.thaw(state.pending());
        charge.add(bytes());
    }
}
