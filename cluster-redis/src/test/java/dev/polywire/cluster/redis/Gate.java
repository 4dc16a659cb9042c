package dev.polywire.cluster.redis;

import dev.polywire.conformance.Await;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A way to Redis that can be shut: connections end, and new ones end as soon as they are made. */
final class Gate {
    final AtomicInteger attempts = new AtomicInteger();
    private final NetServer server;
    private final NetClient client;
    private final Set<NetSocket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean shut;

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
                far.handler(near::write);
                far.closeHandler(v -> near.close());
                near.handler(far::write);
                near.closeHandler(v -> {
                    sockets.remove(near);
                    far.close();
                });
                near.resume();
            });
        });
        Await.get("the gate's port", server.listen(0, "127.0.0.1"));
    }

    String uri() {
        return "redis://127.0.0.1:" + server.actualPort();
    }

    void shut() {
        shut = true;
        sockets.forEach(NetSocket::close);
    }

    void open() {
        shut = false;
    }
}
