package dev.polywire.benchmarks.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import one.profiler.AsyncProfiler;

/** What this process spends processor time on, by async-profiler. */
final class Profile {
    // By a timer of each thread's own processor time, which needs no right to the kernel's counters.
    private static final String BEGIN = "start,event=ctimer,interval=1ms,threads";

    private static final String END = "stop,collapsed,threads";

    private Profile() {}

    /** Begins, and forgets what was recorded before; returns 1, or 0 where the profiler does not run. */
    static int begin() {
        try {
            AsyncProfiler.getInstance().execute(BEGIN);
            return 1;
        } catch (IOException | IllegalStateException | UnsatisfiedLinkError e) {
            System.err.println("There is no profile: " + e);
            return 0;
        }
    }

    /** Ends, and writes a line for each stack: thread and frames, then how often it was met. Returns how many lines. */
    static int end(Path file) throws IOException {
        String stacks = AsyncProfiler.getInstance().execute(END);
        Files.writeString(file, stacks);
        return (int) stacks.lines().count();
    }
}
