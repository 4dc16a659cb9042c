package dev.polywire.session;

import dev.polywire.conformance.ClientMachine;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.session.SimClock.Peer;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The network between the two: three kinds of wires, whose bytes keep their order, and requests, which do not. It delays, loses,
 * repeats, cuts one way or both, tells ends late or never, and delivers what it had buffered after a wire was given up.
 */
final class SimNet {

    /** What carries frames. */
    enum Kind {
        /** Both ways, like a WebSocket. */
        SOCKET,
        /** Downstream; upstream goes by POST, like SSE. */
        STREAM,
        /** One answer; the next poll is the next wire. */
        POLL
    }

    /** A connection as the client sees it. */
    static final class Wire {
        final Kind kind;
        final ClientMachine.Attempt attempt;
        /** Whose bytes the client reads: of a request that was repeated there may be two. */
        private @Nullable Conn bound;

        private @Nullable Conn first;
        private long upAt;
        private long upCut = Long.MAX_VALUE;
        boolean reading = true;
        boolean welcomed;
        boolean farewell;
        long heard;

        Wire(Kind kind, ClientMachine.Attempt attempt, long now) {
            this.kind = kind;
            this.attempt = attempt;
            heard = now;
        }

        @Override
        public String toString() {
            return kind + "#" + attempt.attach();
        }
    }

    /** A connection as the server sees it. */
    static final class Conn {
        final Wire wire;
        final List<Object> held = new ArrayList<>(0);
        boolean sending;
        boolean closed;
        boolean answered;
        private long downAt;
        private long downCut = Long.MAX_VALUE;

        private Conn(Wire wire) {
            this.wire = wire;
        }

        boolean free() {
            return !sending && !closed && !answered;
        }

        @Override
        public String toString() {
            return wire + (wire.first == this ? "" : "'");
        }
    }

    private record Request(Wire wire, ClientFrame.Resume claim) {}

    final Peer atServer = new Peer();
    final Peer atClient = new Peer();
    private final SimClock clock;
    private final List<Request> requests = new ArrayList<>();
    private final List<Runnable> posts = new ArrayList<>();
    private SimServer server;
    private SimClient client;
    private boolean faulty = true;

    @SuppressWarnings("NullAway.Init")
    SimNet(SimClock clock) {
        this.clock = clock;
    }

    void join(SimServer there, SimClient here) {
        server = there;
        client = here;
    }

    /** From now on everything arrives, soon and once. What was cut stays cut. */
    void heal() {
        faulty = false;
    }

    private long delay() {
        if (!faulty) {
            return 1 + clock.upTo(10);
        }
        int kind = clock.upTo(20);
        return kind == 0 ? clock.upTo(4000) : kind < 4 ? clock.upTo(300) : 1 + clock.upTo(20);
    }

    private boolean chance(int percent) {
        return faulty && clock.percent(percent);
    }

    // ---- wires -----------------------------------------------------------------------------------------------------

    /** The first connection of a session, which nothing happens to. */
    Conn open(Wire wire) {
        Conn conn = new Conn(wire);
        wire.first = conn;
        wire.bound = conn;
        return conn;
    }

    /** Sends the request that attaches a wire. */
    void open(Wire wire, ClientFrame.Resume claim) {
        Request request = new Request(wire, claim);
        if (wire.kind != Kind.SOCKET) {
            requests.add(request);
        }
        if (!chance(8)) {
            arrive(request, delay());
        }
        if (wire.kind != Kind.SOCKET && chance(8)) {
            arrive(request, delay() + clock.upTo(1500));
        }
    }

    private void arrive(Request request, long wait) {
        Wire wire = request.wire;
        wire.upAt = Math.max(wire.upAt, clock.now() + wait);
        clock.after(wait, atServer, () -> {
            if (clock.now() < wire.upCut || wire.kind != Kind.SOCKET) {
                Conn conn = new Conn(wire);
                if (wire.first == null) {
                    wire.first = conn;
                }
                ClientFrame.Resume read = request.claim;
                server.attach(
                        conn,
                        new ClientFrame.Resume(
                                read.session(), read.secret(), read.attach(), read.received(), read.confirmed()));
            }
        });
    }

    /** A proxy sends one of the last requests again. */
    void replay() {
        if (!requests.isEmpty() && clock.percent(60)) {
            int back = 1 + clock.upTo(Math.min(4, requests.size()));
            arrive(requests.get(requests.size() - back), clock.upTo(30));
        } else if (!posts.isEmpty()) {
            int back = 1 + clock.upTo(Math.min(4, posts.size()));
            clock.after(clock.upTo(30), atServer, posts.get(posts.size() - back));
        }
    }

    /** Sends frames up a socket. */
    void up(Wire wire, Object frame) {
        wire.upAt = Math.max(wire.upAt, clock.now() + delay());
        clock.after(wire.upAt - clock.now(), atServer, () -> {
            Conn conn = wire.first;
            if (conn != null && clock.now() < wire.upCut) {
                server.receive(conn, frame);
            }
        });
    }

    /** Sends a batch down, sometimes in two parts. */
    void down(Conn conn, List<Object> batch) {
        int half = batch.size() > 1 && conn.wire.kind != Kind.POLL && chance(30) ? 1 + clock.upTo(batch.size() - 1) : 0;
        if (half > 0) {
            part(conn, batch.subList(0, half));
        }
        part(conn, half > 0 ? batch.subList(half, batch.size()) : batch);
    }

    private void part(Conn conn, List<Object> batch) {
        deliver(conn, wire -> {
            for (Object frame : batch) {
                client.frame(wire, frame);
            }
        });
    }

    /** The server ends a connection; the client sees that after all that was sent before. */
    void end(Conn conn, boolean complete, int status) {
        if (!complete && chance(20)) {
            conn.downCut = Math.min(conn.downCut, clock.now() + clock.upTo(20));
        }
        deliver(conn, wire -> client.closed(wire, complete, status));
    }

    private void deliver(Conn conn, Consumer<Wire> what) {
        conn.downAt = Math.max(conn.downAt, clock.now() + delay());
        if (conn.wire.kind == Kind.POLL && chance(5)) {
            conn.downCut = 0;
        }
        clock.after(conn.downAt - clock.now(), atClient, () -> {
            Wire wire = conn.wire;
            if (clock.now() >= conn.downCut || !wire.reading) {
                return;
            }
            if (wire.bound == null) {
                wire.bound = conn;
            }
            if (wire.bound == conn) {
                what.accept(wire);
            }
        });
    }

    /** Tells the server when there is room for its next batch. */
    void room(Conn conn, Runnable then) {
        int wait = chance(20) ? clock.upTo(800) : clock.upTo(4);
        if (clock.now() < conn.downCut || clock.percent(50)) {
            clock.after(wait, atServer, then);
        }
    }

    /** Cuts a wire, one way or both; its ends hear of it late, or never. */
    void cut(Wire wire) {
        Conn conn = wire.bound != null ? wire.bound : wire.first;
        int ways = 1 + clock.upTo(3);
        if ((ways & 1) != 0) {
            wire.upCut = Math.min(wire.upCut, clock.now() + clock.upTo(50));
        }
        if ((ways & 2) != 0 && conn != null) {
            conn.downCut = Math.min(conn.downCut, clock.now() + clock.upTo(50));
        }
        if (clock.percent(60)) {
            clock.after(clock.upTo(clock.percent(50) ? 50 : 4000), atClient, () -> client.closed(wire, false, 0));
        }
        lateClose(wire);
    }

    /** The client gives up a wire; the server hears of it late, or never. */
    void abandon(Wire wire) {
        wire.upCut = Math.min(wire.upCut, clock.now() + (faulty ? clock.upTo(2000) : 0));
        lateClose(wire);
    }

    private void lateClose(Wire wire) {
        Conn conn = wire.first;
        if (conn != null && (!faulty || clock.percent(70))) {
            clock.after(clock.upTo(clock.percent(50) ? 50 : 4000), atServer, () -> server.closed(conn));
        }
    }

    /** Bytes stand still in a buffer for a while. */
    void stall(Wire wire) {
        long until = clock.now() + clock.upTo(2500);
        Conn conn = wire.bound != null ? wire.bound : wire.first;
        if (conn != null && clock.percent(70)) {
            conn.downAt = Math.max(conn.downAt, until);
        } else {
            wire.upAt = Math.max(wire.upAt, until);
        }
    }

    // ---- requests
    // ----------------------------------------------------------------------------------------------------

    /** Sends a POST. The answer, if there is one, is a count; -1 when it was refused. */
    void post(long first, List<Buffer> frames, @Nullable Object control, long handed, Consumer<Long> answer) {
        Runnable arrival = () -> {
            long count = server.post(first, frames, control, handed);
            if (!chance(8)) {
                clock.after(delay(), atClient, () -> answer.accept(count));
            }
        };
        posts.add(arrival);
        if (!chance(10)) {
            clock.after(delay(), atServer, arrival);
        }
        if (chance(8)) {
            clock.after(delay() + clock.upTo(1500), atServer, arrival);
        }
    }
}
