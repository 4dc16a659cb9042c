package dev.polywire.session;

import dev.polywire.channel.Encoded;
import dev.polywire.conformance.ClientMachine;
import dev.polywire.conformance.ClientMachine.Verdict;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.session.SimNet.Conn;
import dev.polywire.session.SimNet.Kind;
import dev.polywire.session.SimNet.Wire;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client does around its machine: wires, timeouts, POSTs. The only page of its session, so nobody may take it away. */
final class SimClient {
    private static final long WELCOME_WAIT = 2500;
    private static final long POST_WAIT = 1500;
    private static final long ACK_TICK = 260;

    final ClientMachine machine;
    private final SimClock clock;
    private final SimNet net;
    private final SimLedger ledger;
    private final List<Wire> open = new ArrayList<>();
    private Wire newest;
    private Wire current;
    private boolean ticking;
    private boolean owing;
    private long answered;

    SimClient(SimClock clock, SimNet net, SimLedger ledger, ClientMachine machine, SimServer server) {
        this.clock = clock;
        this.net = net;
        this.ledger = ledger;
        this.machine = machine;
        net.join(server, this);
        Kind kind = clock.percent(50) ? Kind.SOCKET : Kind.STREAM;
        current = newest = new Wire(kind, machine.attach(kind == Kind.SOCKET), 0);
        open.add(newest);
        Conn conn = net.open(newest);
        frame(newest, server.open(conn));
        watch(newest);
    }

    // ---- wires
    // -------------------------------------------------------------------------------------------------------

    /** Returns the newest wire. */
    Wire newest() {
        return newest;
    }

    /** Attaches another wire; the one in use stays until its {@code welcome}. */
    void attach(Kind kind) {
        ClientMachine.Attempt attempt = machine.attach(kind == Kind.SOCKET);
        Wire wire = new Wire(kind, attempt, clock.now());
        newest = wire;
        open.add(wire);
        if (clock.tracing()) {
            clock.note("client: attaches " + wire + " received=" + attempt.received() + " confirmed="
                    + attempt.confirmed());
        }
        net.open(
                wire, new ClientFrame.Resume("s", "secret", attempt.attach(), attempt.received(), attempt.confirmed()));
        clock.after(WELCOME_WAIT, net.atClient, () -> {
            if (wire.reading && !wire.welcomed) {
                lost(wire);
            }
        });
    }

    private void any() {
        int kind = clock.upTo(3);
        attach(kind == 0 ? Kind.SOCKET : kind == 1 ? Kind.STREAM : Kind.POLL);
    }

    /** A wire is no good any more. */
    private void lost(Wire wire) {
        if (clock.tracing()) {
            clock.note("client: gives up " + wire);
        }
        leave(wire);
        if (wire == newest) {
            clock.after(clock.upTo(300), net.atClient, () -> {
                if (wire == newest) {
                    any();
                }
            });
        }
    }

    private void leave(Wire wire) {
        machine.drop(wire.attempt.wire());
        wire.reading = false;
        open.remove(wire);
        net.abandon(wire);
    }

    /** Two heartbeats without a word, and a stream is given up. */
    private void watch(Wire wire) {
        long wait = wire.heard + 2 * SimServer.HEARTBEAT + 200 - clock.now();
        clock.after(Math.max(1, wait), net.atClient, () -> {
            if (!wire.reading) {
                return;
            }
            if (clock.now() - wire.heard >= 2 * SimServer.HEARTBEAT + 200) {
                lost(wire);
            } else {
                watch(wire);
            }
        });
    }

    /** A wire has ended. */
    void closed(Wire wire, boolean complete, int status) {
        if (!wire.reading) {
            return;
        }
        if (clock.tracing()) {
            clock.note("client: " + wire + " ended " + (complete ? "well" : "badly " + status));
        }
        if (complete && wire.welcomed && !wire.farewell) {
            wire.reading = false;
            open.remove(wire);
            if (wire == newest) {
                attach(Kind.POLL);
            }
            return;
        }
        lost(wire);
    }

    // ---- down
    // --------------------------------------------------------------------------------------------------------

    /** Takes a frame. */
    void frame(Wire wire, Object frame) {
        if (!wire.reading) {
            return;
        }
        wire.heard = clock.now();
        ClientMachine.Wire counts = wire.attempt.wire();
        Verdict verdict = Verdict.HAND_OVER;
        if (frame instanceof Encoded counted) {
            verdict = machine.counted(counts, counted.size(), clock.now());
            if (clock.tracing()) {
                clock.note("client: a frame on " + wire + " " + verdict + ", received " + machine.received());
            }
            if (verdict == Verdict.HAND_OVER) {
                ledger.handedOver(machine.received(), counted);
            } else if (verdict == Verdict.IGNORE) {
                ledger.saw(SimLedger.Seen.KNOWN);
            }
        } else if (frame instanceof ServerFrame.Welcome welcome) {
            verdict = welcome(wire, welcome);
        } else if (frame instanceof ServerFrame.Ping ping) {
            verdict = machine.ping(counts, ping.count());
            if (verdict == Verdict.HAND_OVER && counts == machine.current()) {
                control(wire, new ClientFrame.Pong(machine.sent(counts), null));
            }
        } else if (frame instanceof ServerFrame.Received received) {
            verdict = machine.confirm(received.count());
        } else if (frame instanceof ServerFrame.Bye bye) {
            wire.farewell = true;
            if (bye.reason() == CloseReason.REPLACED && wire == newest) {
                ledger.fail("hole 3, R11: the only page of a session is told that another one took it, on " + wire);
            }
        }
        if (verdict == Verdict.LOST) {
            ledger.fail("the client finds its session lost by " + frame);
        } else if (verdict == Verdict.DROP) {
            lost(wire);
        }
        pump();
        remind();
    }

    private Verdict welcome(Wire wire, ServerFrame.Welcome welcome) {
        Verdict verdict = machine.welcome(
                wire.attempt.wire(),
                welcome.session(),
                welcome.secret(),
                welcome.resumed(),
                welcome.received(),
                welcome.first());
        if (clock.tracing()) {
            clock.note("client: welcome on " + wire + " " + verdict);
        }
        if (verdict == Verdict.IGNORE) {
            lost(wire);
        } else if (verdict == Verdict.HAND_OVER) {
            wire.welcomed = true;
            current = wire;
            if (wire.kind != Kind.POLL) {
                watch(wire);
            } else {
                clock.after(3 * SimServer.HEARTBEAT, net.atClient, () -> {
                    if (wire.reading) {
                        lost(wire);
                    }
                });
            }
            for (Wire older : List.copyOf(open)) {
                if (older.attempt.attach() < wire.attempt.attach()) {
                    // What it still has in its buffers may come for a while.
                    clock.after(clock.upTo(1500), net.atClient, () -> {
                        if (older.reading) {
                            leave(older);
                        }
                    });
                }
            }
        }
        return verdict;
    }

    // ---- up
    // ----------------------------------------------------------------------------------------------------------

    /** Sends what is due, as far as the wire in use allows. */
    void pump() {
        Wire wire = current;
        if (machine.current() != wire.attempt.wire()) {
            return;
        }
        if (wire.kind == Kind.SOCKET) {
            for (Buffer frame : machine.write(wire.attempt.wire(), 1 + clock.upTo(8))) {
                net.up(wire, frame);
            }
            return;
        }
        ClientMachine.Post post = machine.post(1 + clock.upTo(5));
        if (post == null) {
            return;
        }
        boolean[] answered = {false};
        net.post(post.first(), post.frames(), null, clock.percent(40) ? machine.received() : -1, count -> {
            if (!answered[0]) {
                answered[0] = true;
                machine.posted(post);
                if (count < 0) {
                    ledger.fail("R25: a POST of the only client is out of order");
                } else if (machine.confirm(count) == Verdict.LOST) {
                    ledger.fail("a POST confirms frames that were never sent");
                }
                pump();
            }
        });
        clock.after(POST_WAIT, net.atClient, () -> {
            if (!answered[0]) {
                answered[0] = true;
                machine.posted(post);
                pump();
            }
        });
    }

    /** The client asks for a pong, and says how much it has sent. */
    void ping() {
        if (machine.current() == current.attempt.wire()) {
            control(current, new ClientFrame.Ping(machine.sent(current.attempt.wire()), null));
        }
    }

    private void control(Wire wire, Object frame) {
        if (wire.kind == Kind.SOCKET) {
            net.up(wire, frame);
        } else {
            net.post(0, List.of(), frame, -1, count -> {});
        }
    }

    /** Sees to it that what was handed over is acknowledged a little later. */
    private void remind() {
        if (!ticking) {
            ticking = true;
            clock.after(ACK_TICK, net.atClient, () -> {
                ticking = false;
                acknowledge();
            });
        }
    }

    private void acknowledge() {
        Wire wire = current;
        if (machine.current() != wire.attempt.wire()) {
            return;
        }
        long count = machine.due(clock.now());
        if (wire.kind == Kind.SOCKET) {
            if (count >= 0) {
                net.up(wire, new ClientFrame.Received(count));
            }
            return;
        }
        if (count >= 0 || owing) {
            // A POST may be lost, and the machine takes it for told: say it again until there is an answer.
            owing = true;
            long said = machine.received();
            net.post(0, List.of(), new ClientFrame.Received(said), -1, answer -> answered = Math.max(answered, said));
            clock.after(POST_WAIT, net.atClient, () -> {
                owing = answered < machine.received();
                if (owing) {
                    acknowledge();
                }
            });
        }
    }

    /** Returns the wire in use, for traces. */
    @Nullable
    Wire used() {
        return machine.current() == current.attempt.wire() ? current : null;
    }
}
