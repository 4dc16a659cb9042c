package dev.polywire.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A server that is steered by lines on its standard input. */
final class ControlledServer extends ServerProcess {
    private final BufferedReader out;
    private final BufferedWriter in;
    private final int port;
    private final @Nullable Path profile;

    private ControlledServer(Process process, List<String> command, @Nullable Path profile) throws IOException {
        super(process, command);
        this.profile = profile;
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        in = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII));
        port = (int) Long.parseLong(answer("ready"));
    }

    /** Starts a server and waits until it listens; what it writes to standard error goes to the log, and stacks to the profile. */
    static ServerProcess start(List<String> command, File log, @Nullable Path profile) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log))
                .start();
        try {
            return new ControlledServer(process, command, profile);
        } catch (IOException e) {
            process.destroyForcibly();
            throw new IOException("A server could not be started; " + log + " may say why.", e);
        }
    }

    @Override
    int port() {
        return port;
    }

    @Override
    void publish(double rate, int channels, int size) throws IOException {
        say("start " + rate + ' ' + channels + ' ' + size);
        answer("started");
    }

    @Override
    long stop() throws IOException {
        return ask("stop", "stopped");
    }

    @Override
    long published() throws IOException {
        return ask("published", "published");
    }

    @Override
    long allocated() throws IOException {
        return ask("allocated", "allocated");
    }

    @Override
    long heap() throws IOException {
        return ask("heap", "heap");
    }

    @Override
    void beginProfile() throws IOException {
        if (profile != null && ask("profile", "profiling") == 0) {
            throw new IOException("async-profiler does not run here; the server's log says why");
        }
    }

    @Override
    void endProfile() throws IOException {
        if (profile != null) {
            ask("profiled " + profile.toAbsolutePath(), "profiled");
        }
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

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            // It has ended already.
        }
        super.close();
    }
}
