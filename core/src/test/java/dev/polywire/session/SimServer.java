package dev.polywire.session;

import dev.polywire.SlowConsumerPolicy;
import dev.polywire.channel.Encoded;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.session.SimLedger.Seen;
import dev.polywire.session.SimNet.Conn;
import dev.polywire.session.SimNet.Kind;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Gateway}, {@link Uplink}, {@link Downlink} and the transports do around the session's machine, without limits,
 * JSON and dispatch: every decision is the machine's and the outbox's own.
 */
final class SimServer {
    static final long HEARTBEAT = 1000;
    private static final long POLL_WAIT = 700;

    Outbox outbox;
    SessionMachine machine;
    final SimInbox inbox;
    private final SimClock clock;
    private final SimNet net;
    private final SimLedger ledger;
    private final int batch;
    private @Nullable String denyNext;

    private ServerFrame.@Nullable Welcome welcome;
    private boolean ping;
    private boolean ack;
    private @Nullable Long pong;
    private boolean due;
    private long heard;

    SimServer(SimClock clock, SimNet net, SimLedger ledger, Outbox outbox, SessionMachine machine) {
        this.clock = clock;
        this.net = net;
        this.ledger = ledger;
        this.outbox = outbox;
        this.inbox = new SimInbox(clock, net, ledger);
        this.machine = machine;
        this.batch = 1 + clock.upTo(6);
    }

    // ---- attaching (Gateway, LiveSession)
    // ----------------------------------------------------------------------------

    /** Opens the session. */
    ServerFrame.Welcome open(Conn conn) {
        machine.commit(conn, null);
        heard = clock.now();
        beat(conn);
        return welcome(false);
    }

    private ServerFrame.Welcome welcome(boolean resumed) {
        return new ServerFrame.Welcome(
                1,
                "s",
                resumed ? null : "secret",
                null,
                resumed,
                null,
                machine.received(),
                machine.first(),
                HEARTBEAT,
                0,
                null,
                null);
    }

    /** A resume arrives; authorising it takes a while, so that a later one may be done before it. */
    void attach(Conn conn, ClientFrame.Resume claim) {
        if (refused(conn, machine.check(claim))) {
            return;
        }
        int wait = clock.percent(20) ? clock.upTo(800) : 0;
        clock.after(wait, net.atServer, () -> commit(conn, claim));
    }

    private boolean refused(Conn conn, SessionMachine.Verdict verdict) {
        if (verdict == SessionMachine.Verdict.LOST) {
            ledger.fail("R13: an honest client is told that its counts are ahead");
        } else if (verdict == SessionMachine.Verdict.STALE) {
            clock.note("server: stale " + conn);
            ledger.saw(Seen.STALE);
            conn.closed = true;
            net.end(conn, false, CloseReason.STALE.status());
            return true;
        }
        return false;
    }

    private void commit(Conn conn, ClientFrame.Resume claim) {
        if (refused(conn, machine.check(claim))) {
            return;
        }
        if (denyNext != null) {
            deny(denyNext);
            denyNext = null;
        }
        Object before = machine.wire();
        if (refused(conn, machine.commit(conn, claim))) {
            return;
        }
        if (claim.received() < outbox.acked()) {
            ledger.saw(Seen.BEHIND);
        }
        if (before instanceof Conn old) {
            ledger.saw(Seen.REPLACED);
            retire(old, CloseReason.REPLACED);
        }
        heard = clock.now();
        welcome = welcome(true);
        if (clock.tracing()) {
            clock.note("server: attached " + conn + " received=" + welcome.received() + " first=" + welcome.first());
        }
        ping = false;
        ack = false;
        pong = null;
        if (conn.wire.kind == Kind.POLL) {
            clock.after(POLL_WAIT, net.atServer, () -> {
                if (conn.free() && !conn.held.isEmpty()) {
                    answer(conn);
                }
            });
        } else {
            beat(conn);
        }
        due();
    }

    private void retire(Conn conn, CloseReason reason) {
        if (conn.closed) {
            return;
        }
        boolean sending = conn.sending;
        conn.closed = true;
        ServerFrame.Bye bye = new ServerFrame.Bye(reason, 0, outbox.handed());
        if (conn.wire.kind == Kind.POLL) {
            if (!conn.answered) {
                conn.answered = true;
                conn.held.add(bye);
                net.down(conn, conn.held);
                net.end(conn, true, 200);
            }
            return;
        }
        if (!sending) {
            net.down(conn, List.of(bye));
        }
        net.end(conn, false, 0);
    }

    /** A connection is gone, or so a late event says. */
    void closed(Conn conn) {
        conn.closed = true;
        Object before = machine.wire();
        boolean late = before != null && before != conn;
        if (late) {
            ledger.saw(Seen.LATE_CLOSE);
        }
        if (machine.detach(conn) && late) {
            ledger.fail("hole 6, rule 4: the close of " + conn + " detached " + before);
        }
    }

    private void drop(CloseReason reason) {
        if (machine.wire() instanceof Conn conn) {
            clock.note("server: drops " + conn + " " + reason);
            machine.detach(conn);
            retire(conn, reason);
        }
    }

    /** Another node goes on: the wire is closed, and what still comes from those before is heard by nobody. */
    void goOn(Outbox nextOutbox, SessionMachine nextMachine) {
        Object wire = machine.wire();
        outbox = nextOutbox;
        machine = nextMachine;
        welcome = null;
        ping = false;
        ack = false;
        pong = null;
        if (wire instanceof Conn conn) {
            retire(conn, CloseReason.RENEW);
        }
    }

    // ---- up (Uplink)
    // -------------------------------------------------------------------------------------------------

    /** Takes a frame from a wire. */
    void receive(Conn conn, Object frame) {
        if (!machine.current(conn)) {
            return;
        }
        heard = clock.now();
        if (!(frame instanceof Buffer counted)) {
            uncounted(frame, true);
            return;
        }
        switch (machine.arrivesOnWire()) {
            case REPEAT -> {
                ledger.saw(Seen.REPEATED);
                machine.passedOnWire();
                acknowledgeSoon();
            }
            case AHEAD -> drop(CloseReason.OUT_OF_STEP);
            case NEXT -> {
                machine.passedOnWire();
                inbox.add(machine.accept(), counted);
                acknowledgeSoon();
            }
        }
    }

    private void acknowledgeSoon() {
        if (!ack) {
            ack = true;
            clock.after(clock.upTo(500), net.atServer, this::due);
        }
    }

    /** Takes a POST, and returns the count, or -1 when it changed nothing. */
    long post(long first, List<Buffer> frames, @Nullable Object control, long handed) {
        heard = clock.now();
        if (!frames.isEmpty() && machine.arrives(first) == SessionMachine.Arrival.AHEAD) {
            return -1;
        }
        if (handed >= 0) {
            acknowledge(handed);
        }
        long number = first;
        for (Buffer frame : frames) {
            if (machine.arrives(number++) == SessionMachine.Arrival.NEXT) {
                inbox.add(machine.accept(), frame);
            } else {
                ledger.saw(Seen.LATE_POST);
            }
        }
        if (control != null) {
            uncounted(control, false);
        }
        return machine.received();
    }

    private void uncounted(Object frame, boolean onWire) {
        if (frame instanceof ClientFrame.Received received) {
            acknowledge(received.count());
        } else if (frame instanceof ClientFrame.Ping asked && inStep(asked.count(), onWire)) {
            pong = outbox.handed();
            due();
        } else if (frame instanceof ClientFrame.Pong answered) {
            inStep(answered.count(), onWire);
        }
    }

    private boolean inStep(long count, boolean onWire) {
        if (!onWire || count < 0 || count == machine.countedOnWire()) {
            return true;
        }
        drop(CloseReason.OUT_OF_STEP);
        return false;
    }

    private void acknowledge(long count) {
        if (!outbox.acknowledge(count)) {
            drop(CloseReason.OUT_OF_STEP);
        } else if (outbox.ready()) {
            due();
        }
    }

    // ---- down (Downlink, and what the transports do with a batch)
    // ----------------------------------------------------

    /** The application sends a frame; tells whether it was taken. */
    boolean offer(Encoded frame, @Nullable String channel, SlowConsumerPolicy policy) {
        Outbox.Offer offer = channel == null ? outbox.offer(frame) : outbox.offer(frame, channel, policy);
        due();
        return offer != Outbox.Offer.FULL;
    }

    /** The session may not read a channel any more, now or when it attaches next. */
    void deny(String channel, boolean now) {
        if (now) {
            deny(channel);
        } else {
            denyNext = channel;
        }
    }

    private void deny(String channel) {
        clock.note("server: denies " + channel);
        ledger.denied(channel, Math.min(outbox.acked(), outbox.handed()), outbox.lastNumbered());
        outbox.deny(channel);
    }

    private void due() {
        if (!due) {
            due = true;
            clock.after(0, net.atServer, this::flush);
        }
    }

    private void flush() {
        due = false;
        if (!(machine.wire() instanceof Conn conn) || !conn.free()) {
            return;
        }
        List<Object> frames = new ArrayList<>();
        boolean holdable = collect(frames);
        if (frames.isEmpty()) {
            return;
        }
        if (clock.tracing()) {
            clock.note("server: " + frames.size() + " frames to " + conn + ", handed " + outbox.handed());
        }
        if (conn.wire.kind == Kind.POLL) {
            conn.held.addAll(frames);
            if (!holdable) {
                answer(conn);
            }
            return;
        }
        conn.sending = true;
        net.down(conn, frames);
        net.room(conn, () -> {
            conn.sending = false;
            if (machine.current(conn) && (outbox.ready() || ack || ping || pong != null)) {
                due();
            }
        });
    }

    private boolean collect(List<Object> frames) {
        boolean holdable = true;
        if (welcome != null) {
            frames.add(welcome);
            welcome = null;
        }
        if (ack) {
            ack = false;
            holdable = false;
            frames.add(new ServerFrame.Received(machine.received()));
        }
        if (pong != null) {
            frames.add(new ServerFrame.Pong(outbox.handed(), null));
            pong = null;
            holdable = false;
        }
        Encoded next;
        for (int i = 0; i < batch && (next = outbox.take()) != null; i++) {
            ledger.sent(outbox.handed(), next);
            frames.add(next);
            holdable = false;
        }
        if (ping) {
            ping = false;
            frames.add(new ServerFrame.Ping(outbox.handed(), null));
            holdable = false;
        }
        return holdable;
    }

    private void answer(Conn conn) {
        conn.answered = true;
        net.down(conn, conn.held);
        net.end(conn, true, 200);
        clock.after(clock.upTo(20), net.atServer, () -> closed(conn));
    }

    /** Pings every heartbeat, and looks whether the client was heard. */
    private void beat(Conn conn) {
        clock.after(HEARTBEAT * 9 / 10 + clock.upTo(200), net.atServer, () -> {
            if (machine.wire() != conn) {
                return;
            }
            if (clock.now() - heard >= 2 * HEARTBEAT) {
                ledger.saw(Seen.SILENCE);
                drop(CloseReason.HEARTBEAT_TIMEOUT);
                return;
            }
            ping = true;
            due();
            beat(conn);
        });
    }
}
