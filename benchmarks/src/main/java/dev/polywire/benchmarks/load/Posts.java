package dev.polywire.benchmarks.load;

import dev.polywire.benchmarks.Stamp;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Publishes by POST, one after the other on one connection, at a fixed rate: for servers that cannot publish by themselves. */
public final class Posts {
    /** Nchan: the body is the message. */
    public static final Form NCHAN = new Form() {
        @Override
        public String path(int channel) {
            return "/pub?channel=" + channel;
        }

        @Override
        public void add(StringBuilder body, int channel, String text) {
            body.append('"').append(text).append('"');
        }
    };

    /** Centrifugo: a batch of what is due. */
    public static final Form CENTRIFUGO = new Form() {
        @Override
        public int most() {
            return 64;
        }

        @Override
        public String path(int channel) {
            return "/api/batch";
        }

        @Override
        public void add(StringBuilder body, int channel, String text) {
            body.append(body.isEmpty() ? "{\"commands\":[" : ",")
                    .append("{\"publish\":{\"channel\":\"")
                    .append(channel)
                    .append("\",\"data\":\"")
                    .append(text)
                    .append("\"}}");
        }

        @Override
        public void end(StringBuilder body) {
            body.append("]}");
        }
    };

    /** What a POST says to a server. */
    public interface Form {
        /**
         * Returns how many messages one POST brings at most.
         *
         * @return messages
         */
        default int most() {
            return 1;
        }

        /**
         * Returns where it goes.
         *
         * @param channel of its first message
         * @return path and query
         */
        String path(int channel);

        /**
         * Adds a message to a body.
         *
         * @param body what comes before it
         * @param channel where it is published
         * @param text which needs no escapes
         */
        void add(StringBuilder body, int channel, String text);

        /**
         * Ends a body.
         *
         * @param body with all messages
         */
        default void end(StringBuilder body) {}
    }

    private final int port;
    private final Form form;
    private volatile boolean running;
    private volatile long published;
    private @Nullable Thread thread;

    /**
     * Creates a publisher that is still.
     *
     * @param port of the server, on the loopback interface
     * @param form what the server reads
     */
    public Posts(int port, Form form) {
        this.port = port;
        this.form = form;
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
        StringBuilder body = new StringBuilder();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            while (running) {
                long now = System.nanoTime();
                long due = begun + (long) (count * interval);
                if (due > now) {
                    LockSupport.parkNanos(due - now);
                    continue;
                }
                String path = form.path((int) (count % channels));
                body.setLength(0);
                for (int i = 0; i < form.most() && due <= now; i++) {
                    form.add(body, (int) (count % channels), stamp.text(count / channels + 1, due));
                    count++;
                    due = begun + (long) (count * interval);
                }
                form.end(body);
                out.write(Subscribers.ascii("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body));
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
            if (body < 0) {
                continue;
            }
            int length = HttpHead.length(answer, 0, body);
            if (length < 0) {
                throw new IOException("a POST was answered without Content-Length");
            }
            if (have >= body + length) {
                String text = new String(answer, body, length, StandardCharsets.UTF_8);
                if (HttpHead.status(answer, 0) / 100 != 2 || text.contains("\"error\"")) {
                    throw new IOException("a POST was answered " + HttpHead.status(answer, 0) + ' ' + text);
                }
                return;
            }
        }
    }
}
