package dev.polywire.proxies;

import dev.polywire.conformance.Await;
import dev.polywire.testing.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A proxy of the machine's, in a process of its own, with the configuration of docs/operations for other ports. */
final class Proxy implements AutoCloseable {
    /** Which program. */
    enum Kind {
        NGINX("nginx.conf"),
        HAPROXY("haproxy.cfg");

        private final String file;

        Kind(String file) {
            this.file = file;
        }

        Path program() {
            return Tools.require(name().toLowerCase(Locale.ROOT));
        }
    }

    private final Kind kind;
    private final Path folder;
    private final int port;
    private final String configuration;
    private final Process process;

    /**
     * Starts it.
     *
     * @param kind which program
     * @param folder for its files
     * @param nodes the ports of the two nodes
     */
    Proxy(Kind kind, Path folder, List<Integer> nodes) {
        this.kind = kind;
        this.folder = folder;
        try {
            port = freePort();
            configuration = Files.readString(Path.of("..", "docs", "operations", kind.file))
                    .replace("127.0.0.1:8080", "127.0.0.1:" + port)
                    .replace("127.0.0.1:8081", "127.0.0.1:" + nodes.get(0))
                    .replace("127.0.0.1:8082", "127.0.0.1:" + nodes.get(1));
            Files.writeString(folder.resolve(kind.file), configuration);
            process = new ProcessBuilder(command())
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log.txt").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Await.until(kind + " listens", () -> {
            if (!process.isAlive()) {
                throw new AssertionError(kind + " has ended: " + log());
            }
            return reachable();
        });
    }

    private List<String> command() {
        List<String> command = new ArrayList<>(List.of(kind.program().toString()));
        command.addAll(
                switch (kind) {
                    case NGINX -> List.of("-p", folder.toString(), "-c", kind.file, "-g", "daemon off;");
                    case HAPROXY -> List.of("-f", kind.file);
                });
        return command;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean reachable() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    int port() {
        return port;
    }

    /** Has nginx take a node out as its configuration says: it gets no more requests, and the connections that it has stay. */
    void down(int node) {
        try {
            Files.writeString(
                    folder.resolve(kind.file),
                    configuration.replace("server 127.0.0.1:" + node + " ", "server 127.0.0.1:" + node + " down "));
            int result = new ProcessBuilder("kill", "-HUP", Long.toString(process.pid()))
                    .start()
                    .waitFor();
            if (result != 0) {
                throw new AssertionError("kill -HUP gave " + result);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks HAProxy over its socket. */
    String ask(String command) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(folder.resolve("haproxy.sock")));
            channel.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8)));
            ByteBuffer answer = ByteBuffer.allocate(64 * 1024);
            while (answer.hasRemaining() && channel.read(answer) >= 0) {
                // Until it closes.
            }
            return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns what it wrote. */
    String log() {
        try {
            return Files.readString(folder.resolve("log.txt"));
        } catch (IOException e) {
            return "no log";
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
