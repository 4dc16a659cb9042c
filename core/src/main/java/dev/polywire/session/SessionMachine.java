package dev.polywire.session;

import dev.polywire.protocol.ClientFrame;
import org.jspecify.annotations.Nullable;

/**
 * The rules of attaching and counting, for one session: pure, without sockets, threads or a clock.
 *
 * <p>A wire is any object that stands for a connection; only the one committed last is listened to (rule 4).
 */
class SessionMachine {

    /** What is to be said to a resume. */
    enum Verdict {
        /** It may attach. */
        OK,
        /** Its attach number is not greater than the last one committed (R10). */
        STALE,
        /** Its counts are ahead of ours (R13). */
        LOST
    }

    /** What is to be done with a numbered frame. */
    enum Arrival {
        /** It is the next one. */
        NEXT,
        /** It was accepted before. */
        REPEAT,
        /** One before it is missing. */
        AHEAD
    }

    private final Outbox outbox;
    private @Nullable Object wire;
    private long lastAttach;
    private long received;
    private long onWire;
    private boolean frozen;

    SessionMachine(Outbox outbox) {
        this.outbox = outbox;
    }

    /** Looks at a resume and changes nothing (rule 3). */
    Verdict check(ClientFrame.Resume claim) {
        if (claim.attach() <= lastAttach) {
            return Verdict.STALE;
        }
        if (claim.received() > outbox.lastNumbered() || claim.confirmed() > received) {
            return Verdict.LOST;
        }
        return Verdict.OK;
    }

    /**
     * Attaches a wire, in one step: compares again, retires the one before, and computes both counts.
     *
     * @param next the new wire
     * @param claim what the client states, or null when the session is new
     * @return when not OK, nothing was changed
     */
    Verdict commit(Object next, ClientFrame.@Nullable Resume claim) {
        if (claim != null) {
            Verdict verdict = check(claim);
            if (verdict != Verdict.OK) {
                return verdict;
            }
            lastAttach = claim.attach();
            outbox.acknowledge(claim.received());
        }
        wire = next;
        outbox.rewind();
        onWire = received;
        return Verdict.OK;
    }

    /** Tells whether a wire is the present one. */
    boolean current(Object candidate) {
        return wire == candidate;
    }

    /** Lets go of a wire, if it is the present one. */
    boolean detach(Object candidate) {
        if (wire != candidate) {
            return false;
        }
        wire = null;
        return true;
    }

    /** Returns the present wire. */
    @Nullable
    Object wire() {
        return wire;
    }

    /** Returns the number of the next frame downstream, as {@code welcome} states it. */
    long first() {
        return outbox.handed() + 1;
    }

    /** Returns how many of the client's frames were accepted. */
    long received() {
        return received;
    }

    /** Looks at the next counted frame of the present wire, which is numbered by its order there (R25). */
    Arrival arrivesOnWire() {
        return arrives(onWire + 1);
    }

    /** Counts that frame on its wire, accepted or not. */
    void passedOnWire() {
        onWire++;
    }

    /** Returns how many frames are accounted for on the present wire. */
    long countedOnWire() {
        return onWire;
    }

    /** Looks at a frame that has a number. */
    Arrival arrives(long number) {
        if (number <= received) {
            return Arrival.REPEAT;
        }
        return number == received + 1 ? Arrival.NEXT : Arrival.AHEAD;
    }

    /** Accepts the next frame. */
    long accept() {
        return ++received;
    }

    /**
     * The counters that go with a session to another node, besides those of its outbox.
     *
     * @param attach the last attach number that was committed
     * @param received how many of the client's frames were accepted
     */
    record State(long attach, long received) {}

    /** Returns the counters. */
    State freeze() {
        frozen = true;
        return new State(lastAttach, received);
    }

    /** Tells whether another node goes on counting. */
    boolean frozen() {
        return frozen;
    }

    /** Goes on counting from where another node was; nothing was attached here before. */
    void thaw(State state) {
        lastAttach = state.attach();
        received = state.received();
    }
}
