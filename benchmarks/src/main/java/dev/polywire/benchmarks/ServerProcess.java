package dev.polywire.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server in a process of its own, steered by lines on its standard input. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;
    private final BufferedWriter in;
    private final List<String> command;
    private final int port;

    private ServerProcess(Process process, List<String> command) throws IOException {
        this.process = process;
        this.command = command;
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        in = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII));
        port = (int) Long.parseLong(answer("ready"));
    }

    /** Starts a server and waits until it listens; what it writes to standard error goes to the log. */
    static ServerProcess start(List<String> command, File log) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log))
                .start();
        try {
            return new ServerProcess(process, command);
        } catch (IOException e) {
            process.destroyForcibly();
            throw new IOException("A server could not be started; " + log + " may say why.", e);
        }
    }

    int port() {
        return port;
    }

    List<String> command() {
        return command;
    }

    void publish(double rate, int channels, int size) throws IOException {
        say("start " + rate + ' ' + channels + ' ' + size);
        answer("started");
    }

    /** Stops publishing, and returns how many messages there were. */
    long stop() throws IOException {
        return ask("stop", "stopped");
    }

    long published() throws IOException {
        return ask("published", "published");
    }

    /** Bytes allocated since the start, or -1 where that is not known. */
    long allocated() throws IOException {
        return ask("allocated", "allocated");
    }

    /** Bytes of heap in use after a full collection, or -1 where there is none. */
    long heap() throws IOException {
        return ask("heap", "heap");
    }

    private long ask(String what, String answer) throws IOException {
        say(what);
        return Long.parseLong(answer(answer));
    }

    private void say(String line) throws IOException {
        in.write(line);
        in.newLine();
        in.flush();
    }

    private String answer(String expected) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.equals(expected)) {
                return "";
            }
            if (line.startsWith(expected + ' ')) {
                return line.substring(expected.length() + 1);
            }
        }
        throw new IOException("the server has ended instead of answering '" + expected + "'");
    }

    /** Nanoseconds that the process's threads have had of a processor, by the scheduler's account. */
    long processorNanos() throws IOException {
        return processorNanosOf(process.pid());
    }

    static long processorNanosOf(long pid) throws IOException {
        long sum = 0;
        Path tasks = Path.of("/proc", Long.toString(pid), "task");
        try (DirectoryStream<Path> all = Files.newDirectoryStream(tasks)) {
            for (Path task : all) {
                String text = Files.readString(task.resolve("schedstat"));
                sum += Long.parseLong(text.substring(0, text.indexOf(' ')));
            }
        } catch (NoSuchFileException e) {
            // A thread that has just ended.
            return processorNanosOf(pid);
        }
        return sum;
    }

    /** Resident memory in bytes. */
    long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return -1;
    }

    @Override
    public void close() {
        try {
            in.close();
            if (!process.waitFor(3, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
