package dev.polywire.examples.shared;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A demo in a process of its own, that can be killed as a machine's failure would. */
public final class DemoProcess implements AutoCloseable {
    private static final Pattern GREETING = Pattern.compile("open http://[^:]+:(\\d+)");
    private static final int PATIENCE = 60;

    private final Process process;
    private final int port;

    private DemoProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts one, and waits until it says where it is.
     *
     * @param main its main class
     * @param arguments its command line
     */
    public static DemoProcess start(Class<?> main, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        CompletableFuture<Integer> port = new CompletableFuture<>();
        Thread reader = new Thread(() -> read(process, port), "demo-output");
        reader.setDaemon(true);
        reader.start();
        try {
            return new DemoProcess(process, port.get(PATIENCE, TimeUnit.SECONDS));
        } catch (Exception e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** Reads on to the end, so that the process never waits for a full pipe. */
    private static void read(Process process, CompletableFuture<Integer> port) {
        StringBuilder said = new StringBuilder();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher greeting = GREETING.matcher(line);
                if (greeting.find()) {
                    port.complete(Integer.parseInt(greeting.group(1)));
                } else if (!port.isDone()) {
                    said.append(line).append('\n');
                }
            }
        } catch (IOException e) {
            // It has gone.
        }
        port.completeExceptionally(new IOException("The demo did not start: " + said));
    }

    public int port() {
        return port;
    }

    /** Kills it at once; it cannot say goodbye. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
