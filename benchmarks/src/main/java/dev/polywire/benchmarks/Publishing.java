package dev.polywire.benchmarks;

import dev.polywire.benchmarks.load.Counts;
import dev.polywire.benchmarks.load.Generator;
import dev.polywire.benchmarks.load.Subscribers;
import dev.polywire.benchmarks.load.Wire;
import java.io.IOException;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Messages are published, by the server or by the clients: connect, warm up, measure, count what is missing. */
final class Publishing implements Scenario {
    /** A server that still compiles is given its time to warm up once more, at most so often in all. */
    private static final int WARM = 5;

    private final Settings settings;
    private final boolean byClients;

    Publishing(Settings settings) {
        this(settings, false);
    }

    Publishing(Settings settings, boolean byClients) {
        this.settings = settings;
        this.byClients = byClients;
    }

    @Override
    public Sample round(ServerProcess server, Contender contender, Load load, int round, double warm)
            throws IOException {
        return run(server, contender, load, round, warm, settings.seconds, 0);
    }

    /** As {@link #round}, with so many seconds measured, and one in so many subscribers stalled (0: none). */
    Sample run(
            ServerProcess server, Contender contender, Load under, int round, double warm, double seconds, int stalled)
            throws IOException {
        return run(protocol(contender), server, contender, under, round, warm, seconds, stalled);
    }

    /** As {@link #round}, read by the Java client in place of the generator's own subscribers. */
    Sample byClient(ServerProcess server, Contender contender, Load load, int round, double warm) throws IOException {
        return run(Subscribers.CLIENT, server, contender, load, round, warm, settings.seconds, 0);
    }

    private Sample run(
            Subscribers subscribers,
            ServerProcess server,
            Contender contender,
            Load under,
            int round,
            double warm,
            double seconds,
            int stalled)
            throws IOException {
        int channels = settings.channels(under.subscribers());
        Sample sample = new Sample(contender, under, round);
        try (Generator load = new Generator(server.port())) {
            subscribers.open(load, contender.wire(), under.subscribers(), channels, contender.namespace());
            awaitReady(load, under.subscribers());
            if (stalled > 0) {
                load.stall(stalled);
            }
            if (byClients) {
                load.startEcho(under.rate(), settings.size);
            } else {
                server.publish(under.rate(), channels, settings.size);
            }
            for (int i = 0;
                    i < WARM && !Effort.during(server, () -> pause(warm)).warm();
                    i++) {}
            measure(sample, server, load, seconds);
            long all = byClients ? load.stopEcho() : server.stop();
            Counts end = settled(load, all, channels);
            sample.put("lost", end.lost())
                    .put("repeated", end.repeated())
                    .put("reordered", end.reordered())
                    .put("disconnected", end.lostConnections())
                    .put("moves", end.moves());
            sample.notes.putAll(load.notes());
        }
        return sample;
    }

    private Subscribers protocol(Contender contender) {
        return settings.scenario.equals("switch") ? Subscribers.WANDERING : contender.peer().subscribers;
    }

    private void measure(Sample sample, ServerProcess server, Generator load, double window) throws IOException {
        load.takeLatencies();
        Counts before = load.counts();
        long publishedBefore = byClients ? load.echoed() : server.published();
        long allocatedBefore = server.allocated();
        Effort effort = new Effort(server);
        pause(window / 2);
        Histogram firstHalf = load.takeLatencies();
        pause(window / 2);
        effort.end(sample);
        Histogram latencies = load.takeLatencies();
        Counts after = load.counts();
        long allocated = server.allocated() - allocatedBefore;
        long published = (byClients ? load.echoed() : server.published()) - publishedBefore;

        long delivered = after.delivered() - before.delivered();
        sample.put("p50 first half", firstHalf.getValueAtPercentile(50) / 1000.0)
                .put("p50 second half", latencies.getValueAtPercentile(50) / 1000.0);
        latencies.add(firstHalf);
        sample.put("cpu", delivered == 0 ? Double.NaN : effort.nanos() / 1000.0 / delivered)
                .put("p50", latencies.getValueAtPercentile(50) / 1000.0)
                .put("p99", latencies.getValueAtPercentile(99) / 1000.0)
                .put("p99.9", latencies.getValueAtPercentile(99.9) / 1000.0)
                .put("max", latencies.getMaxValue() / 1000.0)
                .put("delivered", delivered / effort.seconds())
                .put("published", published / effort.seconds())
                .put("resident", server.resident());
        effort.parts().forEach((part, nanos) -> sample.put("cpu of " + part, nanos / 1000.0 / Math.max(1, delivered)));
        if (allocatedBefore >= 0 && delivered > 0) {
            sample.put("allocated", (double) allocated / delivered);
        }
    }

    static void awaitReady(Generator load, int count) throws IOException {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (load.readySubscribers() < count) {
            if (System.nanoTime() > deadline) {
                throw new IOException("Only " + load.readySubscribers() + " of " + count
                        + " subscribers could subscribe within a minute. " + load.notes());
            }
            pause(0.02);
        }
        // A server that does not confirm a subscription gets the time to make it.
        pause(0.3);
    }

    /** Waits until nothing more comes, and counts what never did. */
    private static Counts settled(Generator load, long published, int channels) {
        long before = -1;
        for (int i = 0; i < 50; i++) {
            long now = load.counts().delivered();
            if (now == before) {
                break;
            }
            before = now;
            pause(0.3);
        }
        return load.end(published, channels);
    }

    static void pause(double seconds) {
        try {
            Thread.sleep((long) (seconds * 1000));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public @Nullable String unfit(Contender contender) {
        if (contender.peer() == Peer.C_JOINED && !settings.scenario.equals("fanout")) {
            return "it joins the messages of one channel only";
        }
        if (!byClients) {
            return null;
        }
        if (contender.peer() == Peer.NCHAN) {
            return "its subscribers cannot publish on their connection";
        }
        return !contender.peer().polywire() && contender.wire() != Wire.WEBSOCKET
                ? "its clients cannot publish over " + contender.wire().title
                : null;
    }

    @Override
    public Table columns(Table table) {
        return table.median("deliveries/s", "%,.0f", "delivered", 1)
                .median("CPU µs per message", "%.2f", "cpu", 1)
                .ratio("× C", Peer.C, "cpu")
                .ratio("× raw Vert.x", Peer.VERTX, "cpu")
                .median("p50 ms", "%.1f", "p50", 1)
                .median("p99 ms", "%.1f", "p99", 1)
                .median("max ms", "%.0f", "max", 1)
                .median("allocated B per message", "%.0f", "allocated", 1)
                .sum("lost", "lost")
                .sum("repeated", "repeated")
                .sum("reordered", "reordered")
                .sum("cut off", "disconnected");
    }

    @Override
    public String line(Sample sample) {
        return Scenario.format(
                "%,11.0f deliveries/s  %6.2f µs  p50 %.1f  p99 %.1f ms  lost %.0f, repeated %.0f, reordered %.0f%s",
                sample.get("delivered"),
                sample.get("cpu"),
                sample.get("p50"),
                sample.get("p99"),
                sample.get("lost"),
                sample.get("repeated"),
                sample.get("reordered"),
                Scenario.notes(sample));
    }
}
