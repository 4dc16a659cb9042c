package dev.polywire.session;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** What the server has accepted and what has had no effect yet; some of it waits for a while. */
final class SimInbox {
    private final SimClock clock;
    private final SimNet net;
    private final SimLedger ledger;
    private final List<Accepted> waiting = new ArrayList<>();

    private record Accepted(long number, Buffer frame) {}

    SimInbox(SimClock clock, SimNet net, SimLedger ledger) {
        this.clock = clock;
        this.net = net;
        this.ledger = ledger;
    }

    void add(long number, Buffer frame) {
        waiting.add(new Accepted(number, frame));
        if (clock.percent(20)) {
            clock.after(clock.upTo(400), net.atServer, this::pump);
        } else {
            pump();
        }
    }

    private void pump() {
        waiting.forEach(next -> ledger.accepted(next.number(), next.frame()));
        waiting.clear();
    }

    /** Tells whether everything that was accepted has taken effect. */
    boolean idle() {
        return waiting.isEmpty();
    }

    /** Loses what waits. */
    void forget() {
        waiting.clear();
    }
}
