package dev.polywire.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A server that is steered by lines on its standard input. */
final class ControlledServer extends ServerProcess {
    private final BufferedReader out;
    private final BufferedWriter in;
    private final int port;

    private ControlledServer(Process process, List<String> command) throws IOException {
        super(process, command);
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
            return new ControlledServer(process, command);
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
