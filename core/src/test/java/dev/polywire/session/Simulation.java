package dev.polywire.session;

import dev.polywire.SlowConsumerPolicy;
import dev.polywire.channel.Encoded;
import dev.polywire.conformance.ClientMachine;
import dev.polywire.session.SimNet.Kind;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One run of both ends' state machines over a virtual network: a seed decides what the applications send, what happens to the
 * wires, and when. After that the network heals, and everything has to arrive.
 */
final class Simulation {

    /** The machines under test. Those with a rule switched off are in {@link Broken}. */
    interface Machines {
        /** Makes the queue downstream. */
        default Outbox outbox(int window, int limit, Function<String, @Nullable String> epochs) {
            return new Outbox(window, limit, Frames.CODEC, epochs, new Charge());
        }

        /** Makes the server's half. */
        default SessionMachine server(Outbox outbox) {
            return new SessionMachine(outbox);
        }

        /** Makes the client's half. */
        default ClientMachine client() {
            return new ClientMachine(Set.of());
        }

        /** Tells whether sessions are handed from node to node. */
        default boolean moves() {
            return true;
        }

        /** What of the queue downstream gets to the next node. */
        default Outbox.State moved(Outbox.State owed) {
            return owed;
        }

        /** What of the counters gets to the next node. */
        default SessionMachine.State moved(SessionMachine.State counters) {
            return counters;
        }

        /** Tells whether what was accepted and had no effect yet goes along. */
        default boolean movesInbox() {
            return true;
        }
    }

    /** How long after the last fault everything must have arrived: silence is noticed, and a few attempts are made. */
    private static final long DRAIN = 60_000;

    private static final int LARGEST = 400;

    private final SimClock clock;
    private final SimNet net;
    private final SimLedger ledger;
    private final SimServer server;
    private final SimClient client;
    private final Machines machines;
    private final int window;
    private final int limit;
    private final int busy;
    private int left;
    private boolean healed;

    private Simulation(long seed, int steps, Machines machines, boolean tracing) {
        clock = new SimClock(seed, tracing);
        this.machines = machines;
        window = LARGEST + clock.upTo(2000);
        limit = window + LARGEST + clock.upTo(4000);
        ledger = new SimLedger(window, limit);
        net = new SimNet(clock);
        Outbox outbox = outbox();
        server = new SimServer(clock, net, ledger, outbox, machines.server(outbox));
        client = new SimClient(clock, net, ledger, machines.client(), server);
        busy = 10 + clock.upTo(80);
        left = steps;
    }

    private Outbox outbox() {
        return machines.outbox(window, limit, channel -> channel.equals(SimLedger.DROP) ? "e" : null);
    }

    /**
     * Runs one seed.
     *
     * @return how many events it had
     * @throws AssertionError when a promise is broken
     */
    static long run(long seed, int steps, Machines machines) {
        return new Simulation(seed, steps, machines, false).run();
    }

    /** Runs one seed and adds up what happened in it. */
    static void count(long seed, int steps, Machines machines, long[] seen) {
        Simulation simulation = new Simulation(seed, steps, machines, false);
        simulation.run();
        simulation.ledger.count(seen);
    }

    /** Runs one seed again and tells what led to its failure. */
    static String explain(long seed, int steps, Machines machines) {
        Simulation simulation = new Simulation(seed, steps, machines, true);
        try {
            simulation.run();
            return "it does not fail";
        } catch (AssertionError e) {
            return simulation.clock.trace(60) + "\n" + e.getMessage();
        }
    }

    private long run() {
        long events = 0;
        long end = Long.MAX_VALUE;
        clock.after(0, this::act);
        while (clock.step()) {
            events++;
            ledger.check(server.outbox, server.machine, client.machine);
            if (!healed) {
                continue;
            }
            if (end == Long.MAX_VALUE) {
                end = clock.now() + DRAIN;
            }
            if (server.inbox.idle() && ledger.drained(server.outbox, server.machine, client.machine)) {
                ledger.complete();
                return events;
            }
            if (clock.now() > end) {
                break;
            }
        }
        throw new AssertionError("a deadlock: the network is well, and not everything arrives. " + this);
    }

    private void act() {
        if (left-- <= 0) {
            clock.note("the network heals");
            clock.noteOnly(30);
            net.heal();
            healed = true;
            return;
        }
        clock.after(clock.upTo(busy), this::act);
        switch (clock.upTo(24)) {
            case 0, 1, 2, 3, 4, 5 -> publish(1 + clock.upTo(4));
            case 6, 7, 8, 9, 10, 11 -> write(1 + clock.upTo(4));
            case 12, 13 -> attach();
            case 14, 15 -> {
                clock.note("cut " + client.newest());
                net.cut(client.newest());
            }
            case 16, 17 -> net.stall(client.newest());
            case 18, 19 -> net.replay();
            case 20 -> clock.pause(clock.percent(50) ? net.atServer : net.atClient, clock.upTo(1500));
            case 21 -> publish(10 + clock.upTo(20));
            case 22 -> client.ping();
            default -> rare();
        }
    }

    private void rare() {
        if (clock.percent(40)) {
            move();
        } else if (clock.percent(30)) {
            server.deny(clock.percent(50) ? SimLedger.DROP : SimLedger.KEEP, clock.percent(50));
        } else if (clock.percent(50) && ledger.written() > 0) {
            long number = Math.max(1, ledger.written() - clock.upTo(4));
            if (number > client.machine.confirmed()) {
                ledger.withdraw(number);
                client.machine.withdraw(number);
            }
        }
    }

    private void move() {
        if (machines.moves()) {
            Outbox next = outbox();
            SessionMachine machine = machines.server(next);
            clock.note("server: moves, handed " + server.outbox.handed() + ", received " + server.machine.received());
            next.thaw(machines.moved(server.outbox.freeze()));
            machine.thaw(machines.moved(server.machine.freeze()));
            if (!machines.movesInbox()) {
                server.inbox.forget();
            }
            server.goOn(next, machine);
            ledger.saw(SimLedger.Seen.MOVED);
        }
    }

    private void attach() {
        int kind = clock.upTo(3);
        client.attach(kind == 0 ? Kind.SOCKET : kind == 1 ? Kind.STREAM : Kind.POLL);
    }

    private void publish(int count) {
        for (int i = 0; i < count; i++) {
            int where = clock.upTo(4);
            String channel =
                    where == 0 ? null : where == 1 ? SimLedger.KEEP : where == 2 ? SimLedger.DROP : SimLedger.LATEST;
            String key = where == 3 ? "abc".substring(clock.upTo(3)).substring(0, 1) : null;
            SlowConsumerPolicy policy = where == 2
                    ? SlowConsumerPolicy.DROP_OLDEST
                    : where == 3 ? SlowConsumerPolicy.LATEST : SlowConsumerPolicy.DISCONNECT;
            Encoded frame = ledger.next(channel, key, 104 + clock.upTo(LARGEST - 104));
            if (server.offer(frame, channel, policy)) {
                ledger.published(channel, key);
            } else {
                // A session would end here; this one goes on as if the application had not sent it.
                ledger.refused(frame, server.outbox);
            }
        }
    }

    private void write(int count) {
        for (int i = 0; i < count; i++) {
            client.machine.queue(ledger.write(), true);
        }
        client.pump();
    }

    @Override
    public String toString() {
        return "server: accepted " + server.machine.received() + ", handed " + server.outbox.handed() + " of "
                + server.outbox.total() + ", acknowledged " + server.outbox.acked() + ", wire " + server.machine.wire()
                + "; client: handed over " + client.machine.received() + ", confirmed " + client.machine.confirmed()
                + ", queued " + client.machine.queued() + ", wire " + client.used() + ", newest " + client.newest();
    }
}
