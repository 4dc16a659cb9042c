package dev.polywire.redis.server;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One Redis process on loopback. Not for several threads at a time. */
public final class Node {
    private final List<String> command;
    private final Path dir;
    private final int port;
    private final @Nullable Integer tlsPort;
    private @Nullable Process process;

    Node(List<String> arguments, Path dir, int port, @Nullable Integer tlsPort) throws IOException {
        this.dir = dir;
        this.port = port;
        this.tlsPort = tlsPort;
        this.command = new ArrayList<>();
        command.add(Binary.find().toString());
        command.addAll(arguments);
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // A cluster's bus listens 10,000 above, which has to be a port, too.
            int port = socket.getLocalPort();
            return port < 55_000 ? port : 20_000 + port % 10_000;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the port without TLS. */
    public int port() {
        return port;
    }

    /** Returns the port where others come in, other servers as well: that for TLS, when there is one. */
    int door() {
        return tlsPort == null ? port : tlsPort;
    }

    /** Returns where it is, as {@code redis://127.0.0.1:port}; when it has TLS, that port is for TLS alone. */
    public String uri() {
        return "redis://127.0.0.1:" + door();
    }

    /** Returns where its files are. */
    public Path dir() {
        return dir;
    }

    /** Starts it, if it does not run, on the same port with the same files, and waits until it answers. */
    public void start() {
        if (running()) {
            return;
        }
        try {
            process = new ProcessBuilder(command)
                    .directory(dir.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(dir.resolve("log.txt").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitAnswer();
    }

    private void awaitAnswer() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (true) {
            try {
                if (call("PING").contains("PONG")) {
                    return;
                }
            } catch (UncheckedIOException e) {
                if (!running()) {
                    throw new IllegalStateException("Redis did not start: " + log(), e);
                }
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException("Redis does not answer: " + log());
            }
            pause20();
        }
    }

    private String log() {
        try {
            return Files.readString(dir.resolve("log.txt"));
        } catch (IOException e) {
            return "no log";
        }
    }

    static void pause20() {
        java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
    }

    /** Tells whether the process is there, asleep or not. */
    public boolean running() {
        Process now = process;
        return now != null && now.isAlive();
    }

    /** Returns the id of its process, which has been started. */
    public long pid() {
        Process now = process;
        if (now == null) {
            throw new IllegalStateException("It does not run.");
        }
        return now.pid();
    }

    /** Kills it at once, as {@code kill -9} does. */
    public void kill() {
        Process now = process;
        if (now != null) {
            now.destroyForcibly();
            await(now);
        }
    }

    /** Ends it in order. */
    public void stop() {
        Process now = process;
        if (now != null) {
            now.destroy();
            await(now);
        }
    }

    private static void await(Process process) {
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                process.waitFor(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kills it and starts it again: with append-only files nothing that was acknowledged is lost, without them everything. */
    public void restart() {
        kill();
        start();
    }

    /** Lets it sleep (SIGSTOP): connections stay, nothing is answered. */
    public void pause() {
        signal("-STOP");
    }

    /** Wakes it up (SIGCONT). */
    public void resume() {
        signal("-CONT");
    }

    private void signal(String signal) {
        Process now = process;
        if (now == null) {
            throw new IllegalStateException("It does not run.");
        }
        try {
            await(new ProcessBuilder("kill", signal, Long.toString(now.pid())).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Sends one command over a connection of its own.
     *
     * @param words the command
     * @return what came back, its first 64 KB as text, in the form that Redis speaks
     */
    public String call(String... words) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            socket.setSoTimeout(5000);
            StringBuilder request = new StringBuilder("*").append(words.length).append("\r\n");
            for (String word : words) {
                int length = word.getBytes(StandardCharsets.UTF_8).length;
                request.append('$').append(length).append("\r\n").append(word).append("\r\n");
            }
            OutputStream out = socket.getOutputStream();
            out.write(request.toString().getBytes(StandardCharsets.UTF_8));
            out.flush();
            return reply(new BufferedInputStream(socket.getInputStream()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String reply(InputStream in) throws IOException {
        String line = line(in);
        StringBuilder all = new StringBuilder(line);
        if (line.startsWith("$")) {
            int length = Integer.parseInt(line.substring(1));
            if (length >= 0) {
                byte[] bytes = in.readNBytes(length + 2);
                return new String(bytes, 0, Math.max(0, bytes.length - 2), StandardCharsets.UTF_8);
            }
        } else if (line.startsWith("*")) {
            for (int i = Integer.parseInt(line.substring(1)); i > 0; i--) {
                all.append('\n').append(reply(in));
            }
        }
        return all.toString();
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\r'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("Redis closed the connection.");
            }
            line.append((char) c);
        }
        in.read();
        return line.toString();
    }
}
