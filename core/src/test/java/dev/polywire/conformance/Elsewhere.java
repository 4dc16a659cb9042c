package dev.polywire.conformance;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;

/** Another host on the network, as far as a server can tell: what connects here, comes to the server from 127.0.0.2. */
final class Elsewhere {
    private final NetServer server;

    /** Kept: a client that nobody refers to is closed. */
    private final NetClient client;

    Elsewhere(Vertx vertx, int target) {
        client = vertx.createNetClient(new NetClientOptions().setLocalAddress("127.0.0.2"));
        server = vertx.createNetServer().connectHandler(near -> {
            near.pause();
            client.connect(target, "127.0.0.1")
                    .onFailure(failure -> near.close())
                    .onSuccess(far -> {
                        pass(near, far);
                        pass(far, near);
                        near.resume();
                    });
        });
        Await.get("the other host's port", server.listen(0, "127.0.0.1"));
    }

    private static void pass(NetSocket from, NetSocket to) {
        from.exceptionHandler(failure -> {});
        from.handler(to::write);
        from.closeHandler(closed -> to.close());
    }

    int port() {
        return server.actualPort();
    }
}
