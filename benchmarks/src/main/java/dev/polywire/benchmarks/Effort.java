package dev.polywire.benchmarks;

import java.io.IOException;

/** The processor time that a server, the load generator and everyone else take while something goes on. */
final class Effort {
    private final ServerProcess server;
    private final long busyBefore;
    private final long ownBefore;
    private final long serverBefore;
    private final long begun;
    private long nanos;
    private double seconds;

    /** Begins to measure. */
    Effort(ServerProcess server) throws IOException {
        this.server = server;
        busyBefore = Machine.busyNanos();
        ownBefore = own();
        serverBefore = server.processorNanos();
        begun = System.nanoTime();
    }

    /** Ends, and writes the shares of a core. */
    void end(Sample sample) throws IOException {
        nanos = server.processorNanos() - serverBefore;
        seconds = (System.nanoTime() - begun) / 1e9;
        long own = own() - ownBefore;
        long others = Machine.busyNanos() - busyBefore - nanos - own;
        sample.put("core", nanos / 1e9 / seconds)
                .put("generator", own / 1e9 / seconds)
                .put("others", Math.max(0, others / 1e9 / seconds));
    }

    private static long own() throws IOException {
        return ServerProcess.processorNanosOf(ProcessHandle.current().pid());
    }

    /** Nanoseconds that the server took. */
    long nanos() {
        return nanos;
    }

    double seconds() {
        return seconds;
    }
}
