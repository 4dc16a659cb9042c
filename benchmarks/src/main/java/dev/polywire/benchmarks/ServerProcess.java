package dev.polywire.benchmarks;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A server in a process of its own. */
abstract class ServerProcess implements AutoCloseable {
    private final Process process;
    private final List<String> command;

    ServerProcess(Process process, List<String> command) {
        this.process = process;
        this.command = command;
    }

    /** Creates one that is more than another one, and ends along with it. */
    ServerProcess(ServerProcess other) {
        this(other.process, other.command);
    }

    /** Where it listens, on the loopback interface. */
    abstract int port();

    /** Begins to publish at a rate, dealt to each channel in turn, counting from nothing. */
    abstract void publish(double rate, int channels, int size) throws IOException;

    /** Stops publishing, and returns how many messages there were. */
    abstract long stop() throws IOException;

    /** Messages published since it began to. */
    abstract long published() throws IOException;

    /** Bytes allocated since the start, or -1 where that is not known. */
    abstract long allocated() throws IOException;

    /** Bytes of heap in use after a full collection, or -1 where there is none. */
    abstract long heap() throws IOException;

    /** Begins to record what a JVM spends its time on, where that was asked for. */
    void beginProfile() throws IOException {}

    /** Ends that, and writes it to the file that was asked for. */
    void endProfile() throws IOException {}

    List<String> command() {
        return command;
    }

    /** Nanoseconds that the process's threads have had of a processor, by the scheduler's account. */
    long processorNanos() throws IOException {
        return processorNanosOf(process.pid());
    }

    /** That part of {@link #processorNanos} which went to compiling Java; 0 for other servers. */
    long compilerNanos() throws IOException {
        return processorNanosOf(process.pid(), "C1 CompilerThre", "C2 CompilerThre");
    }

    /** Returns the nanoseconds of a process's threads, or of those with one of the names. */
    static long processorNanosOf(long pid, String... names) throws IOException {
        long sum = 0;
        Path tasks = Path.of("/proc", Long.toString(pid), "task");
        try (DirectoryStream<Path> all = Files.newDirectoryStream(tasks)) {
            for (Path task : all) {
                if (names.length > 0
                        && !List.of(names)
                                .contains(Files.readString(task.resolve("comm")).trim())) {
                    continue;
                }
                String text = Files.readString(task.resolve("schedstat"));
                sum += Long.parseLong(text.substring(0, text.indexOf(' ')));
            }
        } catch (NoSuchFileException e) {
            // A thread that has just ended.
            return processorNanosOf(pid, names);
        }
        return sum;
    }

    /** Where a server is several processes: what each had of {@link #processorNanos}, by its name. */
    Map<String, Long> parts() throws IOException {
        return Map.of();
    }

    /** Resident memory in bytes. */
    long resident() throws IOException {
        return residentOf(process.pid());
    }

    /** Returns the resident memory of a process in bytes, or -1 when it has none. */
    static long residentOf(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return -1;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(3, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
