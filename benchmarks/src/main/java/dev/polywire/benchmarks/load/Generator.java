package dev.polywire.benchmarks.load;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * All subscribers of a run, on one thread with one selector. Receiving allocates nothing. What is asked from other threads is
 * done on that thread.
 */
public final class Generator implements AutoCloseable {
    private static final int READ_AT_ONCE = 256 * 1024;
    private static final int CONNECTING_AT_ONCE = 128;
    private static final long TICK = 100_000_000;
    private static final int SLICES = 20;
    private static final int UPLINKS = 64;

    private final InetSocketAddress server;
    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> toConnect = new ArrayDeque<>();
    private final List<Link> links = new ArrayList<>();
    private final List<Subscriber> subscribers = new ArrayList<>();
    private final Notes notes = new Notes();
    private final ByteBuffer in = ByteBuffer.allocateDirect(READ_AT_ONCE);
    private ByteBuffer out = ByteBuffer.allocateDirect(64 * 1024);
    private byte[] scratch = new byte[2 * READ_AT_ONCE];
    private Histogram latencies = histogram();
    private long readAt;
    private int connecting;
    private final List<Lane> uplinks = new ArrayList<>();
    private int nextUplink;
    private int readyCount;
    private int lostConnections;
    private int moves;
    private int slice;
    private long sliceAt = System.nanoTime();
    private boolean closing;
    private @Nullable Echo echo;
    private @Nullable Vertx vertx;

    /**
     * Starts the thread.
     *
     * @param port of the server, on the loopback interface
     * @throws IOException when there is no selector to be had
     */
    public Generator(int port) throws IOException {
        server = new InetSocketAddress("127.0.0.1", port);
        selector = Selector.open();
        thread = new Thread(this::run, "generator");
        thread.setDaemon(true);
        thread.start();
    }

    private static Histogram histogram() {
        // Microseconds, up to two minutes.
        return new Histogram(1, 120_000_000, 3);
    }

    /** Returns the server's port. */
    int port() {
        return server.getPort();
    }

    /**
     * Does something on the generator's thread.
     *
     * @param task what to do
     * @param <T> its result
     * @return the result
     */
    public <T> T call(Supplier<T> task) {
        CompletableFuture<T> done = new CompletableFuture<>();
        tasks.add(() -> {
            try {
                done.complete(task.get());
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        selector.wakeup();
        return done.join();
    }

    /** Does something on the generator's thread within some milliseconds; whoever has it often must not wake that each time. */
    void soon(Runnable task) {
        tasks.add(task);
    }

    /** Returns what carries clients that bring no connections of their own; made when the first one asks. */
    Vertx vertx() {
        Vertx made = vertx;
        if (made == null) {
            made = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
            vertx = made;
        }
        return made;
    }

    private void run() {
        try {
            while (!closing) {
                selector.select(Generator::selected, echo == null ? 5 : 1);
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                while (connecting < CONNECTING_AT_ONCE && !toConnect.isEmpty()) {
                    connecting++;
                    toConnect.remove().run();
                }
                tick();
            }
            for (Link link : List.copyOf(links)) {
                link.close();
            }
            selector.close();
            if (vertx != null) {
                vertx.close().await();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void selected(SelectionKey key) {
        if (key.isValid() && key.attachment() instanceof Link link) {
            link.selected(key.readyOps());
        }
    }

    /** Passes the time in slices, so that what subscribers do by the clock is spread over it. */
    private void tick() {
        long now = System.nanoTime();
        Echo running = echo;
        if (running != null) {
            running.turn(now);
        }
        while (now - sliceAt >= TICK / SLICES) {
            sliceAt += TICK / SLICES;
            slice = (slice + 1) % SLICES;
            for (int i = slice; i < links.size(); i += SLICES) {
                Link link = links.get(i);
                link.owner().tick(link, now);
            }
        }
    }

    /** Adds a subscriber, whose connections come by {@link #connect}. */
    void add(Subscriber subscriber) {
        subscribers.add(subscriber);
    }

    /** Opens a connection, when fewer than so many others are being opened. */
    void connect(Owner owner, Framing framing, byte[] first) {
        toConnect.add(() -> {
            try {
                SocketChannel channel = SocketChannel.open();
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                Link link = new Link(this, channel, framing, owner, first);
                links.add(link);
                owner.connecting(System.nanoTime());
                boolean done = channel.connect(server);
                link.registered(channel.register(selector, SelectionKey.OP_CONNECT, link));
                if (done) {
                    link.selected(SelectionKey.OP_CONNECT);
                }
            } catch (IOException e) {
                note(String.valueOf(e.getMessage()));
            }
        });
    }

    void connected() {
        connecting--;
    }

    void closed(Link link) {
        int at = links.indexOf(link);
        if (at >= 0) {
            Link last = links.remove(links.size() - 1);
            if (last != link) {
                links.set(at, last);
            }
        }
    }

    /** Returns one of the connections for POSTs, which all sessions share in turn. */
    Lane uplink() {
        if (uplinks.size() < UPLINKS) {
            uplinks.add(new Lane(this, null));
        }
        nextUplink = (nextUplink + 1) % uplinks.size();
        return uplinks.get(nextUplink);
    }

    void ready() {
        readyCount++;
    }

    void lostConnection(Link link) {
        lostConnections++;
    }

    /** A session went on by another connection. */
    void moved() {
        moves++;
    }

    /** Remembers something that should not have happened. */
    void note(String what) {
        notes.add(what);
    }

    byte[] scratch(int kept) {
        if (scratch.length < kept + READ_AT_ONCE) {
            scratch = new byte[kept + 2 * READ_AT_ONCE];
        }
        return scratch;
    }

    int read(SocketChannel channel, byte[] into, int at) throws IOException {
        in.clear();
        int got = channel.read(in);
        readAt = System.nanoTime();
        if (got > 0) {
            in.flip();
            in.get(into, at, got);
        }
        return got;
    }

    ByteBuffer outgoing(byte[] bytes) {
        if (out.capacity() < bytes.length) {
            out = ByteBuffer.allocateDirect(2 * bytes.length);
        }
        out.clear();
        out.put(bytes);
        out.flip();
        return out;
    }

    void latency(long sentAt) {
        latency(sentAt, readAt);
    }

    void latency(long sentAt, long at) {
        long micros = (at - sentAt) / 1000;
        latencies.recordValue(Math.min(Math.max(micros, 0), 120_000_000));
    }

    /**
     * Returns how many subscriptions stand.
     *
     * @return subscribers
     */
    public int readySubscribers() {
        return call(() -> readyCount);
    }

    /**
     * Counts what was delivered until now.
     *
     * @return a copy
     */
    public Counts counts() {
        return call(() -> {
            Counts sum = new Counts();
            for (Subscriber subscriber : subscribers) {
                if (!subscriber.stalled) {
                    sum.add(subscriber.tally);
                }
            }
            sum.lostConnections = lostConnections;
            sum.moves = moves;
            return sum;
        });
    }

    /**
     * Tells what was published in all; what did not come by now counts as lost.
     *
     * @param published messages in all channels together, dealt to each in turn
     * @param channels how many there are; subscriber i is in channel i modulo that
     * @return what was counted
     */
    public Counts end(long published, int channels) {
        call(() -> {
            for (int i = 0; i < subscribers.size(); i++) {
                int channel = i % channels;
                subscribers.get(i).tally.end((published - channel + channels - 1) / channels);
            }
            return true;
        });
        return counts();
    }

    /**
     * Lets one in so many subscribers stop to read, for good.
     *
     * @param every one in how many
     */
    public void stall(int every) {
        call(() -> {
            for (int i = 0; i < subscribers.size(); i += every) {
                Link link = subscribers.get(i).link();
                subscribers.get(i).stalled = true;
                if (link != null) {
                    link.stall();
                }
            }
            return true;
        });
    }

    /**
     * Lets the subscribers publish to their own channels, in turn, from now on.
     *
     * @param rate publishes a second in all
     * @param size bytes of each payload
     */
    public void startEcho(double rate, int size) {
        call(() -> echo = new Echo(List.copyOf(subscribers), rate, size));
    }

    /**
     * Ends what {@link #startEcho} began.
     *
     * @return how many messages were published
     */
    public long stopEcho() {
        return call(() -> {
            Echo running = echo;
            echo = null;
            return running == null ? 0 : running.published();
        });
    }

    /**
     * Tells how many messages were published by {@link #startEcho} until now.
     *
     * @return messages
     */
    public long echoed() {
        return call(() -> echo == null ? 0 : echo.published());
    }

    /**
     * Takes the latencies recorded since the last call.
     *
     * @return microseconds
     */
    public Histogram takeLatencies() {
        return call(() -> {
            Histogram taken = latencies;
            latencies = histogram();
            return taken;
        });
    }

    /**
     * Returns what should not have happened, and how often it did.
     *
     * @return a copy
     */
    public Map<String, Integer> notes() {
        return call(notes::counts);
    }

    /** Closes all connections and ends the thread. */
    @Override
    public void close() {
        call(() -> closing = true);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
