package dev.polywire.benchmarks.load;

import dev.polywire.benchmarks.Stamp;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Publishes by POST, one after the other on one connection, at a fixed rate: for servers that cannot publish by themselves. */
public final class Posts {
    private final int port;
    private volatile boolean running;
    private volatile long published;
    private @Nullable Thread thread;

    /**
     * Creates a publisher that is still.
     *
     * @param port of the server, on the loopback interface
     */
    public Posts(int port) {
        this.port = port;
    }

    /**
     * Begins to publish.
     *
     * @param rate publishes a second
     * @param channels dealt to in turn
     * @param size bytes of each payload
     */
    public void start(double rate, int channels, int size) {
        stop();
        running = true;
        published = 0;
        Thread started = new Thread(() -> run(1e9 / rate, channels, new Stamp(size - 2)), "posts");
        started.setDaemon(true);
        started.start();
        thread = started;
    }

    /**
     * Stops.
     *
     * @return how many were published
     */
    public long stop() {
        running = false;
        Thread running = thread;
        if (running != null) {
            try {
                running.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        thread = null;
        return published;
    }

    /**
     * Tells how many were published since the start.
     *
     * @return messages
     */
    public long published() {
        return published;
    }

    private void run(double interval, int channels, Stamp stamp) {
        long begun = System.nanoTime();
        long count = 0;
        byte[] answer = new byte[64 * 1024];
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            while (running) {
                long due = begun + (long) (count * interval);
                long wait = due - System.nanoTime();
                if (wait > 0) {
                    LockSupport.parkNanos(wait);
                    continue;
                }
                String body = '"' + stamp.text(count / channels + 1, due) + '"';
                out.write(Subscribers.ascii("POST /pub?channel=" + count % channels
                        + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + body.length() + "\r\n\r\n" + body));
                count++;
                published = count;
                await(in, answer);
            }
        } catch (IOException e) {
            System.err.println("bench: publishing ended: " + e.getMessage());
        }
    }

    private static void await(InputStream in, byte[] answer) throws IOException {
        int have = 0;
        while (true) {
            int got = in.read(answer, have, answer.length - have);
            if (got < 0) {
                throw new IOException("the server has closed the connection");
            }
            have += got;
            int body = HttpHead.end(answer, 0, have);
            if (body >= 0 && have >= body + Math.max(0, HttpHead.length(answer, 0, body))) {
                if (HttpHead.status(answer, 0) / 100 != 2) {
                    throw new IOException("a POST was answered " + HttpHead.status(answer, 0));
                }
                return;
            }
        }
    }
}
