package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.channel.Encoded;
import dev.polywire.conformance.ClientMachine;
import dev.polywire.conformance.ClientMachine.Attempt;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.session.SessionMachine.Arrival;
import dev.polywire.session.SessionMachine.Verdict;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;

/** The two machines with an open session, and single steps between them: what lies in between, a test keeps in its hands. */
abstract class TwoEnds {
    final List<String> refreshed = new ArrayList<>();
    final Outbox outbox = new Outbox(1000, 2000, Frames.CODEC, channel -> "e", new Charge());
    final SessionMachine server = new SessionMachine(outbox);
    final ClientMachine client = new ClientMachine(Set.of());
    final List<Long> handedOver = new ArrayList<>();
    final List<String> accepted = new ArrayList<>();
    ClientMachine.Wire first;

    @BeforeEach
    void open() {
        outbox.onGapTaken(refreshed::add);
        Attempt attempt = client.attach(true);
        first = attempt.wire();
        server.commit(first, null);
        client.welcome(first, "s", "k", false, 0, 1);
    }

    void publish(long from, long to) {
        for (long serial = from; serial <= to; serial++) {
            outbox.offer(Frames.direct(serial, 100));
        }
    }

    /** What the server writes on the present wire now. */
    List<Encoded> written() {
        List<Encoded> frames = new ArrayList<>();
        for (Encoded next = outbox.take(); next != null; next = outbox.take()) {
            frames.add(next);
        }
        return frames;
    }

    void arrive(ClientMachine.Wire wire, List<Encoded> frames) {
        for (Encoded frame : frames) {
            if (client.counted(wire, frame.size(), 0) == ClientMachine.Verdict.HAND_OVER) {
                handedOver.add(Frames.serial(frame));
            }
        }
    }

    static ClientFrame.Resume claim(Attempt attempt) {
        return new ClientFrame.Resume("s", "k", attempt.attach(), attempt.received(), attempt.confirmed());
    }

    Verdict commit(Attempt attempt) {
        return server.commit(attempt.wire(), claim(attempt));
    }

    ClientMachine.Verdict welcome(Attempt attempt) {
        return client.welcome(attempt.wire(), "s", null, true, server.received(), server.first());
    }

    Attempt attached(boolean duplex) {
        Attempt attempt = client.attach(duplex);
        assertThat(commit(attempt)).isEqualTo(Verdict.OK);
        assertThat(welcome(attempt)).isEqualTo(ClientMachine.Verdict.HAND_OVER);
        return attempt;
    }

    void send(int from, int to) {
        for (int i = from; i <= to; i++) {
            client.queue(Buffer.buffer("f" + i), true);
        }
    }

    void receive(ClientMachine.Wire wire, List<Buffer> frames) {
        for (Buffer frame : frames) {
            if (server.current(wire)) {
                Arrival arrival = server.arrivesOnWire();
                server.passedOnWire();
                accept(arrival, frame);
            }
        }
    }

    void receive(ClientMachine.Post post) {
        for (int i = 0; i < post.frames().size(); i++) {
            accept(server.arrives(post.first() + i), post.frames().get(i));
        }
    }

    void accept(Arrival arrival, Buffer frame) {
        assertThat(arrival).isNotEqualTo(Arrival.AHEAD);
        if (arrival == Arrival.NEXT) {
            server.accept();
            accepted.add(frame.toString());
        }
    }
}
