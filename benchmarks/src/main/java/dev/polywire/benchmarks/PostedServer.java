package dev.polywire.benchmarks;

import dev.polywire.benchmarks.load.Posts;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;

/** A server that publishes nothing by itself: it is published to by POSTs from here, at the same pace as elsewhere. */
final class PostedServer extends ServerProcess {
    private final int port;
    private final Posts posts;

    private PostedServer(Process process, List<String> command, int port, Posts posts) {
        super(process, command);
        this.port = port;
        this.posts = posts;
    }

    /** Returns a port that nobody listens on. */
    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** Starts a server and waits until it listens; what it writes goes to the log. */
    static ServerProcess start(ProcessBuilder builder, int port, Posts.Form form, File log) throws IOException {
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        for (int i = 0; i < 100 && process.isAlive(); i++) {
            try (Socket ready = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return new PostedServer(process, builder.command(), ready.getPort(), new Posts(port, form));
            } catch (IOException e) {
                Publishing.pause(0.1);
            }
        }
        process.destroyForcibly();
        throw new IOException("A server could not be started; " + log + " may say why.");
    }

    @Override
    int port() {
        return port;
    }

    @Override
    void publish(double rate, int channels, int size) {
        posts.start(rate, channels, size);
    }

    @Override
    long stop() {
        return posts.stop();
    }

    @Override
    long published() {
        return posts.published();
    }

    @Override
    long allocated() {
        return -1;
    }

    @Override
    long heap() {
        return -1;
    }

    @Override
    public void close() {
        posts.stop();
        super.close();
    }
}
