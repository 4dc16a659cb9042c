package dev.polywire.conformance;

import io.vertx.core.buffer.Buffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The client's half of protocol 1 as a state machine: no sockets, no clock, no JSON. Time is an argument, frames are opaque.
 *
 * <p>It keeps the two counts, the queue of frames that the server has not confirmed, and the attach numbers. What a frame says is
 * handed in by the method named after its type; the answer tells what to do with the frame or with its wire. Not thread-safe.
 */
public final class ClientMachine {

    /** A rule of {@code docs/protocol.md} that a simulation can switch off, to see that it matters. */
    public enum Rule {
        /** An attach number is greater than any before; without it the first number is used for good. */
        R10,
        /** Frames are numbered from each {@code welcome.first}, lower ones dropped; without it all wires share one counter. */
        R21,
        /** On a duplex wire the queue goes on from {@code welcome.received}; without it, from what was last written. */
        R25
    }

    /** What to do with a frame, or with the wire that brought it. */
    public enum Verdict {
        /** New: the application gets it. */
        HAND_OVER,
        /** Known already, or from a wire that does not matter any more. */
        IGNORE,
        /** The two ends count differently on this wire: cut it and attach again. */
        DROP,
        /** The server broke the protocol beyond repair. */
        LOST
    }

    /** The client's bookkeeping of one connection. */
    public static final class Wire {
        private final long attach;
        private final boolean duplex;
        private final long stated;
        private boolean welcomed;
        private boolean dropped;
        private long next;
        private long written;

        private Wire(long attach, boolean duplex, long stated) {
            this.attach = attach;
            this.duplex = duplex;
            this.stated = stated;
        }

        /** Returns the attach number; 0 when it opened the session. */
        long attach() {
            return attach;
        }
    }

    /**
     * What a client states when it attaches (R9).
     *
     * @param wire the new connection
     * @param session null when a new session is asked for
     * @param secret the resume secret, or null
     * @param attach the attach number
     * @param received how many of the server's frames were handed over
     * @param confirmed how many of the client's frames are known to be accepted
     */
    public record Attempt(
            Wire wire, @Nullable String session, @Nullable String secret, long attach, long received, long confirmed) {}

    /**
     * A POST of frames.
     *
     * @param first the number of the first one
     * @param frames at least one
     */
    public record Post(long first, List<Buffer> frames) {}

    private static final int ACK_BYTES = 32 * 1024;
    private static final long ACK_DELAY = 250;

    private final Set<Rule> off;
    private final UpstreamQueue queue = new UpstreamQueue();
    private @Nullable String session;
    private @Nullable String secret;
    private @Nullable Wire current;
    private @Nullable Post posting;
    private long attach;
    private long received;
    private long told;
    private long pendingBytes;
    private long pendingSince = -1;
    private long highest;

    /**
     * Creates a client without a session.
     *
     * @param off rules that it is to break
     */
    public ClientMachine(Set<Rule> off) {
        this.off = off.isEmpty() ? EnumSet.noneOf(Rule.class) : EnumSet.copyOf(off);
    }

    /**
     * Begins a new connection, which resumes the session if there is one. The one in use stays in use until {@link #welcome}.
     *
     * @param duplex whether frames go up the same wire, numbered by its {@code welcome}; otherwise they go by POST
     * @return what to state
     */
    public Attempt attach(boolean duplex) {
        if (session == null) {
            return new Attempt(new Wire(0, duplex, 0), null, null, 0, 0, 0);
        }
        if (attach == 0 || !off.contains(Rule.R10)) {
            attach++;
        }
        return new Attempt(new Wire(attach, duplex, received), session, secret, attach, received, queue.confirmed());
    }

    /**
     * Takes a {@code welcome}.
     *
     * @param wire where it came
     * @param id its session
     * @param key its secret, or null when resumed
     * @param resumed whether the session goes on
     * @param upstream its {@code received}
     * @param first its {@code first}
     * @return {@link Verdict#HAND_OVER} when the wire is the one in use from now on
     */
    public Verdict welcome(Wire wire, String id, @Nullable String key, boolean resumed, long upstream, long first) {
        Wire newest = current;
        if (wire.dropped || wire.welcomed || (newest != null && newest.attach > wire.attach && resumed)) {
            wire.dropped = true;
            return Verdict.IGNORE;
        }
        if (!resumed) {
            if (upstream != 0 || first != 1 || key == null) {
                return Verdict.LOST;
            }
            if (session != null) {
                forget();
            }
            session = id;
            secret = key;
        } else if (!id.equals(session) || first > received + 1 || upstream > highest) {
            return Verdict.LOST;
        }
        confirm(upstream);
        told = wire.stated;
        posting = null;
        wire.welcomed = true;
        wire.next = first;
        wire.written = off.contains(Rule.R25) ? highest : upstream;
        current = wire;
        return Verdict.HAND_OVER;
    }

    /** Forgets the session; keeps of the unconfirmed frames those that may be repeated in a new one (R17). */
    public void forget() {
        queue.restart();
        session = null;
        secret = null;
        current = null;
        posting = null;
        attach = received = told = pendingBytes = highest = 0;
        pendingSince = -1;
    }

    /**
     * Takes a counted frame.
     *
     * @param wire where it came
     * @param bytes its size
     * @param now milliseconds of any clock that does not run backwards
     * @return {@link Verdict#HAND_OVER} when it is the next one
     */
    public Verdict counted(Wire wire, int bytes, long now) {
        if (wire.dropped) {
            return Verdict.IGNORE;
        }
        if (!wire.welcomed) {
            return Verdict.LOST;
        }
        long number = wire.next++;
        if (!off.contains(Rule.R21)) {
            if (number <= received) {
                return Verdict.IGNORE;
            }
            if (number > received + 1) {
                return drop(wire);
            }
        }
        received++;
        pendingBytes += bytes;
        if (pendingSince < 0) {
            pendingSince = now;
        }
        return Verdict.HAND_OVER;
    }

    /**
     * Takes a {@code ping}.
     *
     * @param wire where it came
     * @param count how many counted frames the server says it has sent
     * @return {@link Verdict#HAND_OVER} when it is to be answered with {@link #sent}
     */
    public Verdict ping(Wire wire, long count) {
        if (wire.dropped) {
            return Verdict.IGNORE;
        }
        return wire.welcomed && wire.next - 1 != count ? drop(wire) : Verdict.HAND_OVER;
    }

    /**
     * Takes the server's {@code received}, or the one in the answer to a POST.
     *
     * @param count its count; a lower, late one changes nothing
     * @return {@link Verdict#LOST} when it is ahead of what was ever sent
     */
    public Verdict confirm(long count) {
        if (count > highest) {
            return Verdict.LOST;
        }
        queue.confirm(count);
        return Verdict.HAND_OVER;
    }

    /**
     * Retires a wire: what still comes from it is ignored.
     *
     * @param wire the wire
     * @return {@link Verdict#DROP}
     */
    public Verdict drop(Wire wire) {
        wire.dropped = true;
        if (current == wire) {
            current = null;
        }
        return Verdict.DROP;
    }

    /**
     * Queues a counted frame.
     *
     * @param frame the frame
     * @param repeatable whether it may be sent again in a new session (R17)
     * @return its number
     */
    public long queue(Buffer frame, boolean repeatable) {
        return queue.add(frame, repeatable);
    }

    /**
     * Takes back a frame that is not to be sent again: its number becomes a {@code noop} (R27).
     *
     * @param number the number that {@link #queue} gave it
     */
    public void withdraw(long number) {
        queue.withdraw(number);
    }

    /**
     * Returns what is to be written on a duplex wire, and counts it as written.
     *
     * @param wire the wire
     * @param most at most this many
     * @return in order; empty before its {@code welcome}, or when there is nothing
     */
    public List<Buffer> write(Wire wire, int most) {
        if (wire != current || !wire.duplex) {
            return List.of();
        }
        List<Buffer> due = queue.after(wire.written, most);
        wire.written += due.size();
        highest = Math.max(highest, wire.written);
        return due;
    }

    /**
     * Returns the next POST, and counts it as sent. There is one at a time (R25).
     *
     * @param most at most this many frames
     * @return null when there is nothing to send, or no wire, or one is under way
     */
    public @Nullable Post post(int most) {
        Wire wire = current;
        if (wire == null || wire.duplex || posting != null || queue.size() == 0) {
            return null;
        }
        Post post = new Post(queue.confirmed() + 1, queue.after(queue.confirmed(), most));
        highest = Math.max(highest, queue.confirmed() + post.frames.size());
        posting = post;
        return post;
    }

    /**
     * Ends a POST, so that the next may go out; {@link #confirm} tells what became of it.
     *
     * @param post the POST
     */
    public void posted(Post post) {
        if (posting == post) {
            posting = null;
        }
    }

    /**
     * Returns the count for a {@code received} that is due (R22).
     *
     * @param now milliseconds
     * @return -1 when none is due
     */
    public long due(long now) {
        boolean due = received > told && (pendingBytes >= ACK_BYTES || now - pendingSince >= ACK_DELAY);
        if (!due || current == null) {
            return -1;
        }
        told = received;
        pendingBytes = 0;
        pendingSince = -1;
        return received;
    }

    /**
     * Returns how many counted frames were sent on a wire, for {@code ping} and {@code pong}.
     *
     * @param wire the wire
     * @return the number of the last one; on a wire without an uplink that of the last confirmed one
     */
    public long sent(Wire wire) {
        return wire.duplex ? wire.written : queue.confirmed();
    }

    /**
     * Returns the wire in use.
     *
     * @return null when there is none
     */
    public @Nullable Wire current() {
        return current;
    }

    /**
     * Returns the session's id.
     *
     * @return null when there is none
     */
    public @Nullable String session() {
        return session;
    }

    /**
     * Returns the resume secret.
     *
     * @return null when there is no session
     */
    public @Nullable String secret() {
        return secret;
    }

    /**
     * Returns how many of the server's frames were handed over.
     *
     * @return the number of the last one
     */
    public long received() {
        return received;
    }

    /**
     * Returns how many of the client's frames the server has confirmed.
     *
     * @return the number of the last one
     */
    public long confirmed() {
        return queue.confirmed();
    }

    /**
     * Returns how many frames await their confirmation.
     *
     * @return those not yet sent included
     */
    public int queued() {
        return queue.size();
    }
}
