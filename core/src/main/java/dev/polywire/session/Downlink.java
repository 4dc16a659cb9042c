package dev.polywire.session;

import dev.polywire.channel.Encoded;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Batch;
import dev.polywire.spi.WireFormat;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The way down: collects what is due during a turn of the loop and hands it to the wire as one batch, and keeps the heart beating. */
final class Downlink implements EventLoop.Sender, Wire.Owner {
    /** How many pings may await their answer at a time; more are not answered. */
    private static final int PONGS = 16;

    /** How long a client may wait to hear that its frames were accepted. */
    private static final long ACK_DELAY = 500;

    /** How many accepted frames are acknowledged without waiting. */
    private static final int ACK_EVERY = 64;

    private final LiveSession session;
    private final EventLoop loop;
    private final Outbox outbox;
    private final SessionMachine machine;

    private @Nullable Wire wire;
    private ServerFrame.@Nullable Welcome welcome;
    private @Nullable ArrayDeque<String> pongs;
    private boolean ping;
    private boolean ack;
    private int unacknowledged;
    /** The next batch takes the acknowledgement along: that is cheaper than one of its own later. */
    private boolean ackAlong;
    /** Before this time it goes with nothing, so that a client which talks all the time does not get one with each answer. */
    private long nextAckAlong = Long.MIN_VALUE;

    private boolean dirty;
    private TimerWheel.@Nullable Timer heart;
    private TimerWheel.@Nullable Timer ackTimer;
    private TimerWheel.@Nullable Timer age;
    /** When the next ping is due. */
    private long nextPing;

    Downlink(LiveSession session, Outbox outbox, SessionMachine machine) {
        this.session = session;
        this.loop = session.loop();
        this.outbox = outbox;
        this.machine = machine;
    }

    /** A wire was committed: {@code welcome} is the first thing on it. */
    void attached(Wire next, ServerFrame.Welcome template, long received, long first) {
        wire = next;
        ServerFrame.Welcome t = template;
        welcome = new ServerFrame.Welcome(
                t.version(),
                t.session(),
                t.secret(),
                t.user(),
                t.resumed(),
                t.reason(),
                received,
                first,
                t.heartbeat(),
                t.grace(),
                t.transports(),
                t.limits());
        ping = false;
        acknowledged();
        beginToBeat();
        due();
    }

    /** There is no wire any more. */
    void detached() {
        wire = null;
        welcome = null;
        if (heart != null) {
            heart.cancel();
            heart = null;
        }
        if (ackTimer != null) {
            ackTimer.cancel();
            ackTimer = null;
        }
        if (age != null) {
            age.cancel();
            age = null;
        }
    }

    /** Closes a wire that is no longer the session's. */
    void retire(Wire old, CloseReason reason) {
        List<Buffer> frames = new ArrayList<>();
        if (old == wire) {
            // Replaced in the turn in which it came: welcome is the first frame all the same (R6).
            greet(old, frames);
        }
        old.close(reason, bye(old, frames, reason, outbox.handed()));
    }

    /** Closes the wire of a session that another node goes on with; it was {@link #detached} before. */
    void part(Wire last, CloseReason reason, long handed) {
        List<Buffer> frames = new ArrayList<>();
        last.close(reason, bye(last, frames, reason, handed));
    }

    /** Sends what fits, says {@code bye} and closes, because the session is over. */
    void finish(Wire last, CloseReason reason) {
        List<Buffer> frames = new ArrayList<>();
        if (last.free()) {
            collect(last, frames);
        }
        last.close(reason, bye(last, frames, reason, outbox.total()));
        detached();
    }

    private Batch bye(Wire to, List<Buffer> frames, CloseReason reason, long sent) {
        add(to, frames, new ServerFrame.Bye(reason, 0, sent));
        return new Batch(frames, false, true, null);
    }

    /** Something is to be sent at the end of this turn. */
    void due() {
        if (!dirty && wire != null) {
            dirty = true;
            loop.later(this);
        }
    }

    /** Queues the answer to a ping. */
    void pong(@Nullable String id) {
        if (pongs == null) {
            pongs = new ArrayDeque<>(2);
        }
        if (pongs.size() < PONGS) {
            pongs.add(id == null ? "" : id);
            due();
        }
    }

    /** Notes that a frame was accepted on a wire that has no answer of its own to say so. */
    void accepted() {
        if (wire == null || !wire.streams()) {
            return;
        }
        if (++unacknowledged >= ACK_EVERY) {
            ack = true;
            due();
            return;
        }
        ackAlong |= unacknowledged == 1 && loop.now() >= nextAckAlong;
        if (ackTimer == null) {
            ackTimer = loop.after(ACK_DELAY, () -> {
                ackTimer = null;
                if (unacknowledged > 0) {
                    ack = true;
                    due();
                }
            });
        }
    }

    /** The accepted frames were acknowledged in an answer. */
    void acknowledged() {
        unacknowledged = 0;
        ack = false;
        ackAlong = false;
    }

    @Override
    public void flush() {
        dirty = false;
        Wire now = wire;
        if (now == null || !now.free()) {
            return;
        }
        ack |= ackAlong;
        if (welcome == null && !ack && !ping && pongs == null && now.near() && !FrameTrace.on()) {
            Batch batch = loop.batches().next(outbox, now.format());
            if (batch != null) {
                now.share(batch, this);
            }
            return;
        }
        List<Buffer> frames = new ArrayList<>();
        boolean holdable = collect(now, frames);
        if (!frames.isEmpty()) {
            now.send(new Batch(frames, holdable, false, null), this);
        }
    }

    @Override
    public void sent(Wire by, boolean well) {
        if (!well) {
            session.closed(by);
        } else if (machine.current(by) && (outbox.ready() || ack || ping || pongs != null)) {
            due();
        }
    }

    /** Adds what is due, in order, and tells whether a waiting poll may keep it. */
    private boolean collect(Wire now, List<Buffer> frames) {
        WireFormat format = now.format();
        boolean holdable = true;
        greet(now, frames);
        if (ack) {
            acknowledged();
            nextAckAlong = loop.now() + ACK_DELAY;
            add(now, frames, new ServerFrame.Received(machine.received()));
            holdable = false;
        }
        if (pongs != null) {
            for (String id : pongs) {
                add(now, frames, new ServerFrame.Pong(outbox.handed(), id.isEmpty() ? null : id));
            }
            pongs = null;
            holdable = false;
        }
        int bytes = 0;
        for (Encoded next; bytes < Batches.LIMIT && (next = outbox.take()) != null; ) {
            bytes += next.size();
            frames.add(next.bytes(format));
            holdable = false;
            FrameTrace.out(session.id(), now.transport(), outbox.handed(), next.json());
        }
        if (ping) {
            ping = false;
            // Last in the batch: its count is of all that goes before it.
            add(now, frames, new ServerFrame.Ping(outbox.handed(), null));
            holdable = false;
        }
        return holdable;
    }

    private void greet(Wire to, List<Buffer> frames) {
        if (welcome != null) {
            add(to, frames, welcome);
            welcome = null;
        }
    }

    /** Adds a frame that is not counted, and so goes past the outbox. */
    private void add(Wire to, List<Buffer> frames, ServerFrame frame) {
        Buffer json = session.codec().encode(frame);
        FrameTrace.out(session.id(), to.transport(), 0, json);
        frames.add(to.format().frame(json));
    }

    private void beginToBeat() {
        if (heart != null) {
            heart.cancel();
            heart = null;
        }
        if (age != null) {
            age.cancel();
            age = null;
        }
        Wire now = wire;
        if (now != null && now.streams()) {
            nextPing = loop.now() + first();
            rest();
            long most = session.engine().options().limits().connectionAge().toMillis();
            if (most > 0) {
                age = loop.after(jittered(most), () -> session.dropWire(CloseReason.RENEW));
            }
        }
    }

    /** The first ping comes at any time within the interval: those who came together must not be pinged together. */
    private long first() {
        long interval = session.heartbeat();
        return interval / 5 + ThreadLocalRandom.current().nextLong(interval * 4 / 5 + 1);
    }

    /** Returns a time near another one: those who came together must not all go together. */
    static long jittered(long interval) {
        return interval * 9 / 10 + ThreadLocalRandom.current().nextLong(interval / 5 + 1);
    }

    /** Waits for the next ping, or for the silence of two heartbeats (R38), whichever comes first: one timer for both. */
    private void rest() {
        long until = Math.min(nextPing, session.lastHeard() + 2 * session.heartbeat());
        heart = loop.after(Math.max(1, until - loop.now()), this::beat);
    }

    private void beat() {
        heart = null;
        long now = loop.now();
        if (now - session.lastHeard() >= 2 * session.heartbeat()) {
            session.dropWire(CloseReason.HEARTBEAT_TIMEOUT);
            return;
        }
        if (now >= nextPing) {
            nextPing = now + jittered(session.heartbeat());
            ping = true;
            due();
        }
        rest();
    }
}
