package dev.polywire.channel;

import dev.polywire.ChannelOptions;
import dev.polywire.SlowConsumerPolicy;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** One subscriber's place in one channel, from subscribe until unsubscribe. Touched on the subscriber's loop only. */
public final class Subscription {
    /** Frames held back at most; beyond it, they are read again from history. */
    static final int MAX_HELD = 10_000;

    private final Subscriber subscriber;
    private final String channel;
    private final ChannelOptions options;
    /** Asked for with each message. */
    private final SlowConsumerPolicy policy;

    private final int maxBytes;

    /** Where it is; set before anybody else sees it. */
    final LocalChannel local;

    /** Its place in its {@link LoopGroup}, or -1. */
    int slot = -1;

    /** The number of the last frame that was handed to its loop before it came. */
    long after;

    /** Whether it counts as a subscriber; written under the channel's lock. */
    boolean present;

    /** Whether presence has, or may have, its member. */
    boolean member;

    /** Set by the first open. */
    boolean opening;

    /** Set by the first unsubscribe. */
    @Nullable
    Future<Void> left;

    private boolean closed;
    private @Nullable Deque<Encoded> held = new ArrayDeque<>(2);
    private int heldBytes;
    private boolean overflowed;

    // What the client has been told of, in order not to repeat it.
    private @Nullable String epoch;
    private long last;
    private long version;
    private boolean membersLost;

    Subscription(Subscriber subscriber, LocalChannel local, int maxBytes) {
        this.subscriber = subscriber;
        this.channel = local.name;
        this.options = local.options;
        this.policy = local.options.slowConsumer();
        this.local = local;
        this.maxBytes = maxBytes;
    }

    /**
     * Returns who is subscribed.
     *
     * @return never null
     */
    public Subscriber subscriber() {
        return subscriber;
    }

    /**
     * Returns the channel's name.
     *
     * @return never null
     */
    public String channel() {
        return channel;
    }

    /**
     * Returns how the channel behaves.
     *
     * @return not to be changed
     */
    public ChannelOptions options() {
        return options;
    }

    /**
     * Returns what happens when the subscriber is too slow.
     *
     * @return as in {@link #options}
     */
    public SlowConsumerPolicy policy() {
        return policy;
    }

    boolean closed() {
        return closed;
    }

    boolean opened() {
        return held == null;
    }

    boolean overflowed() {
        return overflowed;
    }

    /** Nothing is delivered any more. */
    void close() {
        closed = true;
        held = null;
    }

    /** Everything after this position is going to be offered. */
    void begin(@Nullable String at, long offset) {
        epoch = at;
        last = offset;
    }

    /** Moves on to what history has given; what is offered up to there is a repeat. */
    void advance(long offset) {
        last = offset;
    }

    /** Moves on to where history was read, unless that is another epoch: then a gap that says so is among what is held. */
    boolean goOn(Position read) {
        if (closed || !read.epoch().equals(epoch)) {
            return false;
        }
        last = Math.max(last, read.offset());
        return true;
    }

    /** The client knows presence up to this version. */
    void know(long members) {
        version = members;
    }

    /** Its member stays present when it ends, because another node goes on with it. On the subscriber's loop. */
    public void staysPresent() {
        member = false;
    }

    /**
     * Returns which changes of presence were passed on. On the subscriber's loop.
     *
     * @return the version of the last one
     */
    public long version() {
        return version;
    }

    /**
     * Returns the position after what was passed on. On the subscriber's loop.
     *
     * @return null without history
     */
    public @Nullable Position position() {
        return epoch == null ? null : new Position(epoch, last);
    }

    /** Takes a frame from the channel: passes it on, or holds it back. */
    void offer(Encoded frame) {
        if (closed) {
            return;
        }
        Deque<Encoded> holding = held;
        if (holding == null) {
            pass(frame);
        } else if (!overflowed) {
            heldBytes += frame.size();
            if (holding.size() < MAX_HELD && heldBytes <= maxBytes) {
                holding.add(frame);
            } else {
                holding.clear();
                overflowed = true;
                membersLost = true;
            }
        }
    }

    /** Takes note of a message that its own subscriber does not want back. */
    void skip(Encoded frame) {
        if (held == null && frame.frame() instanceof ServerFrame.Message message && message.offset() > last) {
            last = message.offset();
        }
    }

    /** The members cannot be sent: from the jump in the next change's version the client sees that it has to ask (R35). */
    void membersUnknown() {
        membersLost = false;
    }

    /** Drops what is held and holds again from here on. */
    void holdAgain() {
        held = new ArrayDeque<>(2);
        heldBytes = 0;
        overflowed = false;
    }

    /** Passes on what is held, and from now on everything at once. */
    void release() {
        Deque<Encoded> holding = held;
        held = null;
        heldBytes = 0;
        overflowed = false;
        // A frame may make the subscriber leave; nothing may follow then.
        while (holding != null && !closed && !holding.isEmpty()) {
            pass(holding.remove());
        }
    }

    /** Passes a frame on unless it is a repeat. */
    void pass(Encoded frame) {
        Encoded fresh = fresh(frame);
        if (fresh != null && !closed) {
            subscriber.deliver(this, fresh);
        }
    }

    private @Nullable Encoded fresh(Encoded frame) {
        ServerFrame what = frame.frame();
        if (what instanceof ServerFrame.Message message) {
            long offset = message.offset();
            if (offset == 0) {
                return frame;
            }
            if (offset <= last) {
                return null;
            }
            last = offset;
            return frame;
        }
        if (what instanceof ServerFrame.Gap gap) {
            return gap(gap, frame);
        }
        if (what instanceof ServerFrame.PresenceList list) {
            membersLost = false;
            // After a gap the same version is worth telling: the client may have lost what led there.
            if (list.version() < version) {
                return null;
            }
            version = list.version();
            return frame;
        }
        long change = versionOf(what);
        if (membersLost || change <= version) {
            // Changes were dropped: without those, this one is of no use. All members come soon.
            return null;
        }
        version = change;
        return frame;
    }

    private @Nullable Encoded gap(ServerFrame.Gap gap, Encoded frame) {
        Position to = gap.position();
        if (to == null) {
            return frame;
        }
        if (to.epoch().equals(epoch) && to.offset() <= last) {
            // History has led past it already. Only what is never stored may be missing, and the client must not be put
            // back.
            return gap.reason() == ServerFrame.GapReason.UNKNOWN
                    ? local.encode(new ServerFrame.Gap(channel, gap.reason(), position(), 0))
                    : null;
        }
        epoch = to.epoch();
        last = to.offset();
        return frame;
    }

    private static long versionOf(ServerFrame frame) {
        if (frame instanceof ServerFrame.Join join) {
            return join.version();
        }
        if (frame instanceof ServerFrame.Leave leave) {
            return leave.version();
        }
        if (frame instanceof ServerFrame.PresenceChange change) {
            return change.version();
        }
        return Long.MAX_VALUE;
    }
}
