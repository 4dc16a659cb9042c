package dev.polywire.cluster.redis;

import dev.polywire.conformance.Await;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A way to Redis that can be shut: connections end, and new ones end as soon as they are made. What is said to Redis can also be held back, as a full buffer does on the way.
 */
final class Gate {
    final AtomicInteger attempts = new AtomicInteger();
    private final NetServer server;
    private final NetClient client;
    private final Set<NetSocket> sockets = ConcurrentHashMap.newKeySet();
    private final List<Runnable> back = new ArrayList<>();
    private volatile boolean shut;
    private volatile boolean deaf;
    private volatile @Nullable String stopped;

    Gate(Vertx vertx, int target) {
        client = vertx.createNetClient();
        server = vertx.createNetServer().connectHandler(near -> {
            attempts.incrementAndGet();
            if (shut) {
                near.close();
                return;
            }
            near.pause();
            sockets.add(near);
            near.closeHandler(v -> sockets.remove(near));
            client.connect(target, "127.0.0.1").onFailure(error -> near.close()).onSuccess(far -> {
                far.handler(bytes -> {
                    if (!deaf) {
                        near.write(bytes);
                    }
                });
                far.closeHandler(v -> near.close());
                Way way = new Way(far);
                near.handler(way::pass);
                near.closeHandler(v -> {
                    sockets.remove(near);
                    far.close();
                });
                near.resume();
            });
        });
        Await.get("the gate's port", server.listen(0, "127.0.0.1"));
    }

    /** What goes to Redis over one connection; after something was held back, all of it is. */
    private final class Way {
        private final NetSocket far;
        private boolean held;

        Way(NetSocket far) {
            this.far = far;
        }

        void pass(Buffer bytes) {
            synchronized (back) {
                String text = stopped;
                held = text != null && (held || bytes.toString().contains(text));
                if (held) {
                    back.add(() -> far.write(bytes));
                } else {
                    far.write(bytes);
                }
            }
        }
    }

    /** Holds back what is said to Redis from the first words on that contain a text, on each connection that says such. */
    void holdBack(String text) {
        stopped = text;
    }

    /** Tells whether something is held back. */
    boolean holds() {
        synchronized (back) {
            return !back.isEmpty();
        }
    }

    /** Lets what was held back arrive, before anything else. */
    void letGo() {
        synchronized (back) {
            stopped = null;
            back.forEach(Runnable::run);
            back.clear();
        }
    }

    String uri() {
        return "redis://127.0.0.1:" + server.actualPort();
    }

    /** Lets what Redis is told arrive there, and drops what it answers; before that is over the gate has to be shut once. */
    void deafen() {
        deaf = true;
    }

    void shut() {
        shut = true;
        sockets.forEach(NetSocket::close);
    }

    void open() {
        shut = false;
        deaf = false;
    }
}
