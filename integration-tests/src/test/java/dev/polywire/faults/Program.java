package dev.polywire.faults;

import dev.polywire.conformance.Await;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A process of our own that says what happens in lines of JSON with an {@code event}, and hears words on its standard input. */
final class Program implements AutoCloseable {
    private static final int REMEMBERED = 200;

    private final String name;
    private final Process process;
    private final Map<String, JsonObject> said = new ConcurrentHashMap<>();
    private final Deque<String> otherwise = new ArrayDeque<>();

    Program(String name, List<String> command) {
        this.name = name;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " does not start", e);
        }
        Thread reader = new Thread(this::read, name);
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts a class of the test's class path in a JVM of its own. */
    static Program java(String name, Class<?> main, String... arguments) {
        List<String> command = new java.util.ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName()));
        command.addAll(List.of(arguments));
        return new Program(name, command);
    }

    private void read() {
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("{\"event\":")) {
                    JsonObject event = new JsonObject(line);
                    said.put(event.getString("event"), event);
                } else {
                    note(line);
                }
            }
        } catch (IOException e) {
            note("(its output ended: " + e.getMessage() + ")");
        }
    }

    private void note(String line) {
        synchronized (otherwise) {
            if (otherwise.size() == REMEMBERED) {
                otherwise.removeFirst();
            }
            otherwise.add(line);
        }
    }

    /** Waits until it has said something, and returns what it said last. */
    JsonObject await(String event, Duration limit) {
        try {
            return Await.value(name + " says " + event, limit, () -> {
                JsonObject last = said.get(event);
                if (last == null && !process.isAlive()) {
                    throw new AssertionError(name + " has ended with " + process.exitValue());
                }
                return last;
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; its other output:\n" + output(), e);
        }
    }

    /** Returns what it said last of a kind. */
    @Nullable
    JsonObject last(String event) {
        return said.get(event);
    }

    /** Returns the end of what it wrote that was no event. */
    String output() {
        synchronized (otherwise) {
            return String.join("\n", otherwise);
        }
    }

    void tell(String word) {
        try {
            process.getOutputStream().write((word + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " does not hear " + word, e);
        }
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Ends it without a warning, as {@code kill -9} does. */
    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops or continues it. */
    void signal(String which) {
        try {
            int result = new ProcessBuilder("kill", "-" + which, String.valueOf(process.pid()))
                    .start()
                    .waitFor();
            if (result != 0) {
                throw new AssertionError("kill -" + which + " of " + name + " gave " + result);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
    }
}
