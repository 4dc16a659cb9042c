package dev.polywire.benchmarks;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The processor time that a server, the load generator and everyone else take while something goes on. */
final class Effort {
    /** The share of a server's time spent on compiling from which on it is not warm. */
    private static final double COLD = 0.08;

    private final ServerProcess server;
    private final long busyBefore;
    private final long ownBefore;
    private final long serverBefore;
    private final long compilerBefore;
    private final Map<String, Long> partsBefore;
    private final Map<String, Long> parts = new LinkedHashMap<>();
    private final long begun;
    private long nanos;
    private double compiling;
    private double seconds;

    /** What a server is put through. */
    interface Work {
        /** Does it. */
        void run() throws IOException;
    }

    /** Returns what a server takes for something. */
    static Effort during(ServerProcess server, Work work) throws IOException {
        Effort effort = new Effort(server, false);
        work.run();
        effort.end();
        return effort;
    }

    /** Begins to measure what is told of, and to record stacks if they were asked for. */
    Effort(ServerProcess server) throws IOException {
        this(server, true);
    }

    private Effort(ServerProcess server, boolean profiled) throws IOException {
        this.server = server;
        if (profiled) {
            server.beginProfile();
        }
        busyBefore = Machine.busyNanos();
        ownBefore = own();
        partsBefore = server.parts();
        serverBefore = all(partsBefore);
        compilerBefore = server.compilerNanos();
        begun = System.nanoTime();
    }

    /** Ends, and writes the shares of a core. */
    void end(Sample sample) throws IOException {
        end();
        server.endProfile();
        long own = own() - ownBefore;
        long others = Machine.busyNanos() - busyBefore - nanos - own;
        sample.put("core", nanos / 1e9 / seconds)
                .put("generator", own / 1e9 / seconds)
                .put("others", Math.max(0, others / 1e9 / seconds));
        if (!warm()) {
            sample.notes.put("% of it compiling: not warm yet", (int) Math.round(100 * compiling));
        }
    }

    private void end() throws IOException {
        Map<String, Long> partsAfter = server.parts();
        nanos = all(partsAfter) - serverBefore;
        for (Map.Entry<String, Long> part : partsAfter.entrySet()) {
            parts.put(part.getKey(), part.getValue() - partsBefore.getOrDefault(part.getKey(), 0L));
        }
        seconds = (System.nanoTime() - begun) / 1e9;
        compiling = nanos == 0 ? 0 : (double) (server.compilerNanos() - compilerBefore) / nanos;
    }

    /** What all took: by the same look at each as its own share, since they go on working between two looks. */
    private long all(Map<String, Long> each) throws IOException {
        return each.isEmpty()
                ? server.processorNanos()
                : each.values().stream().mapToLong(nanos -> nanos).sum();
    }

    /** Tells whether the server's JVM, if it is one, compiled so little meanwhile that it can be called warm. */
    boolean warm() {
        return !(compiling > COLD);
    }

    private static long own() throws IOException {
        return ServerProcess.processorNanosOf(ProcessHandle.current().pid());
    }

    /** Nanoseconds that the server took. */
    long nanos() {
        return nanos;
    }

    /** Returns the nanoseconds that the server took for anything but compiling. */
    double nanosWithoutCompiling() {
        return nanos * (1 - compiling);
    }

    /** Returns the nanoseconds of each process, where the server is several. */
    Map<String, Long> parts() {
        return parts;
    }

    double seconds() {
        return seconds;
    }
}
