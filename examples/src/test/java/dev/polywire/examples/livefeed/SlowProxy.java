package dev.polywire.examples.livefeed;

import dev.polywire.conformance.Await;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP proxy on loopback that can stop reading what the server writes, so that to the server its clients look slow. */
final class SlowProxy implements AutoCloseable {
    private final NetServer server;
    private final NetClient client;
    private final Set<NetSocket> servers = ConcurrentHashMap.newKeySet();
    private volatile boolean held;

    SlowProxy(Vertx vertx, int target) {
        client = vertx.createNetClient();
        server = vertx.createNetServer().connectHandler(near -> {
            near.pause();
            client.connect(target, "127.0.0.1")
                    .onFailure(failure -> near.close())
                    .onSuccess(far -> {
                        servers.add(far);
                        far.handler(near::write);
                        near.handler(far::write);
                        far.closeHandler(closed -> {
                            servers.remove(far);
                            near.close();
                        });
                        near.closeHandler(closed -> far.close());
                        if (held) {
                            far.pause();
                        }
                        near.resume();
                    });
        });
        Await.get("the proxy's port", server.listen(0, "127.0.0.1"));
    }

    int port() {
        return server.actualPort();
    }

    /** Reads nothing more of what the server writes. */
    void hold() {
        held = true;
        servers.forEach(NetSocket::pause);
    }

    /** Reads on. */
    void release() {
        held = false;
        servers.forEach(NetSocket::resume);
    }

    @Override
    public void close() {
        release();
        Await.get("the proxy's end", server.close().map(true));
        Await.get("the proxy's end", client.close().map(true));
    }
}
