package dev.polywire.conformance;

import io.netty.channel.ChannelOption;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A TCP proxy on loopback that behaves badly: delays, throttles, swallows one direction, and resets, also in the middle of a write. */
public final class ChaosProxy {

    /** Which way bytes go. */
    public enum Direction {
        /** From the client to the server. */
        UP,
        /** From the server to the client. */
        DOWN
    }

    private final Vertx vertx;
    private final NetServer server;
    private final NetClient client;
    private final Random random;
    private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
    private final AtomicInteger midWrite = new AtomicInteger();
    private final AtomicInteger resets = new AtomicInteger();
    private final AtomicInteger swallowed = new AtomicInteger();
    private volatile int maxDelay;
    private volatile int bytesPerSecond;

    /**
     * Starts a proxy that does no harm yet.
     *
     * @param vertx carries it
     * @param target the port to connect to
     * @param seed of its random numbers
     */
    public ChaosProxy(Vertx vertx, int target, long seed) {
        this.vertx = vertx;
        random = new Random(seed);
        client = vertx.createNetClient();
        server = vertx.createNetServer().connectHandler(socket -> {
            socket.pause();
            socket.exceptionHandler(failure -> {});
            client.connect(target, "127.0.0.1")
                    .onFailure(failure -> socket.close())
                    .onSuccess(other -> new Pair(socket, other).begin());
        });
        Await.get("the proxy's port", server.listen(0, "127.0.0.1"));
    }

    /**
     * Returns the port.
     *
     * @return on 127.0.0.1
     */
    public int port() {
        return server.actualPort();
    }

    /**
     * Delays what passes, in order.
     *
     * @param max up to so many milliseconds for each chunk; 0 for none
     * @return this
     */
    public ChaosProxy delay(int max) {
        maxDelay = max;
        return this;
    }

    /**
     * Throttles what passes.
     *
     * @param bytes a second and direction of each connection; 0 for no limit
     * @return this
     */
    public ChaosProxy throttle(int bytes) {
        bytesPerSecond = bytes;
        return this;
    }

    /** Resets all connections at once. */
    public void reset() {
        pairs.forEach(Pair::reset);
    }

    /**
     * Arms a cut: of the next chunk that any present connection carries in a direction, a part is written, and then it is reset.
     *
     * @param direction the direction
     */
    public void cutMidWrite(Direction direction) {
        pairs.forEach(pair -> pair.flow(direction).armed = true);
    }

    /**
     * Swallows one direction of the present connections, and resets them after a while.
     *
     * @param direction the direction
     * @param millis after how long they are reset
     */
    public void blackhole(Direction direction, long millis) {
        pairs.forEach(pair -> {
            pair.flow(direction).swallow = true;
            swallowed.incrementAndGet();
            vertx.setTimer(millis, up -> pair.reset());
        });
    }

    /**
     * Counts the connections of which a direction was swallowed.
     *
     * @return since the beginning
     */
    public int swallowed() {
        return swallowed.get();
    }

    /**
     * Counts the connections that were reset in the middle of a write.
     *
     * @return since the beginning
     */
    public int cutsMidWrite() {
        return midWrite.get();
    }

    /**
     * Counts the connections that were reset, for whatever reason.
     *
     * @return since the beginning
     */
    public int resets() {
        return resets.get();
    }

    /** Closes the port and all connections. */
    public void close() {
        reset();
        Await.get("the proxy's end", server.close());
        Await.get("the proxy's end", client.close());
    }

    private final class Pair {
        private final NetSocket near;
        private final NetSocket far;
        private final Flow up;
        private final Flow down;
        private boolean gone;

        private Pair(NetSocket near, NetSocket far) {
            this.near = near;
            this.far = far;
            up = new Flow(this, far);
            down = new Flow(this, near);
        }

        private void begin() {
            pairs.add(this);
            near.handler(up::take);
            far.handler(down::take);
            far.exceptionHandler(failure -> {});
            near.closeHandler(closed -> up.end());
            far.closeHandler(closed -> down.end());
            near.resume();
        }

        private Flow flow(Direction direction) {
            return direction == Direction.UP ? up : down;
        }

        private void reset() {
            ((NetSocketInternal) near).channelHandlerContext().executor().execute(() -> {
                if (!gone) {
                    gone = true;
                    resets.incrementAndGet();
                    pairs.remove(this);
                    kill(near);
                    kill(far);
                }
            });
        }

        private static void kill(NetSocket socket) {
            var context = ((NetSocketInternal) socket).channelHandlerContext();
            context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            context.close();
        }
    }

    /** One direction of a connection. */
    private final class Flow {
        private final Pair pair;
        private final NetSocket to;
        private final ArrayDeque<Buffer> queue = new ArrayDeque<>();
        private volatile boolean armed;
        private volatile boolean swallow;
        private boolean waiting;
        private boolean ended;

        private Flow(Pair pair, NetSocket to) {
            this.pair = pair;
            this.to = to;
        }

        private void take(Buffer bytes) {
            if (!swallow) {
                queue.add(bytes);
                pump();
            }
        }

        private void end() {
            ended = true;
            pump();
        }

        private void pump() {
            while (!waiting) {
                Buffer next = queue.poll();
                if (next == null) {
                    if (ended && !pair.gone) {
                        pair.gone = true;
                        pairs.remove(pair);
                        to.close();
                    }
                    return;
                }
                long wait = wait(next);
                if (wait == 0) {
                    forward(next);
                } else {
                    waiting = true;
                    vertx.setTimer(wait, up -> {
                        waiting = false;
                        forward(next);
                        pump();
                    });
                }
            }
        }

        private long wait(Buffer next) {
            int delay = maxDelay;
            int rate = bytesPerSecond;
            return (delay == 0 ? 0 : random(delay + 1)) + (rate == 0 ? 0 : next.length() * 1000L / rate);
        }

        private void forward(Buffer bytes) {
            if (pair.gone || swallow) {
                return;
            }
            if (armed) {
                armed = false;
                swallow = true; // nothing may follow the part
                midWrite.incrementAndGet();
                @Nullable Buffer part = bytes.slice(0, random(bytes.length()));
                to.write(part).onComplete(written -> pair.reset());
            } else {
                to.write(bytes);
            }
        }

        private int random(int bound) {
            synchronized (random) {
                return random.nextInt(bound);
            }
        }
    }
}
