package dev.polywire.cluster.redis;

import dev.polywire.conformance.Await;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A way to Redis on which what is said can be kept back, to arrive long after whoever said it has hung up. */
final class Detour {
    final AtomicInteger kept = new AtomicInteger();
    private final NetServer server;
    private final NetClient client;
    private final List<Pair> pairs = new CopyOnWriteArrayList<>();
    private volatile @Nullable String word;

    Detour(Vertx vertx, int target) {
        client = vertx.createNetClient();
        server = vertx.createNetServer().connectHandler(near -> {
            near.pause();
            client.connect(target, "127.0.0.1").onFailure(error -> near.close()).onSuccess(far -> {
                pairs.add(new Pair(near, far));
                near.resume();
            });
        });
        Await.get("the detour's port", server.listen(0, "127.0.0.1"));
    }

    String uri() {
        return "redis://127.0.0.1:" + server.actualPort();
    }

    /** Keeps back what comes over the present connections from now on. */
    void keep() {
        pairs.forEach(pair -> pair.keeps = true);
    }

    /** Keeps back what comes over any connection from a word on; null for none. */
    void keepFrom(@Nullable String said) {
        word = said;
    }

    /** Lets what was kept back arrive, and waits until Redis is done with it. */
    void release() {
        pairs.stream().filter(pair -> pair.keeps && pair.hungUp).forEach(pair -> {
            Await.get("it arrives", pair.release().otherwiseEmpty().map(true));
            Await.until("Redis has read it all", () -> pair.over);
        });
    }

    private final class Pair {
        private final NetSocket far;
        private final List<Buffer> queue = new ArrayList<>();
        private volatile boolean keeps;
        private volatile boolean hungUp;
        private volatile boolean over;

        Pair(NetSocket near, NetSocket far) {
            this.far = far;
            far.handler(near::write);
            far.closeHandler(v -> {
                over = true;
                near.close();
            });
            near.handler(this::up);
            near.closeHandler(v -> {
                hungUp = true;
                if (!keeps) {
                    far.close();
                }
            });
        }

        private void up(Buffer bytes) {
            String from = word;
            if (!keeps && from != null && bytes.toString().contains(from)) {
                keeps = true;
                kept.incrementAndGet();
            }
            if (keeps) {
                synchronized (queue) {
                    queue.add(bytes);
                }
            } else {
                far.write(bytes);
            }
        }

        Future<Void> release() {
            synchronized (queue) {
                queue.forEach(far::write);
            }
            return far.end();
        }
    }
}
