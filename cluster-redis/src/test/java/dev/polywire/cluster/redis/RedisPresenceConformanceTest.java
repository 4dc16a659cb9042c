package dev.polywire.cluster.redis;

import dev.polywire.cluster.redis.server.RedisServer;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.PresenceStoreConformance;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** Presence on one Redis. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisPresenceConformanceTest extends PresenceStoreConformance {
    private final Vertx vertx = Vertx.vertx();
    private final List<RedisCluster> nodes = new ArrayList<>();
    private RedisServer server;
    private Cast cast;

    RedisServer start() {
        return RedisServer.standalone();
    }

    RedisOptions.Mode mode() {
        return RedisOptions.Mode.STANDALONE;
    }

    @BeforeAll
    void startRedis() {
        server = start();
        cast = new Cast(server, mode());
    }

    @AfterEach
    void leave() {
        nodes.forEach(node -> Await.get("leave", node.leave().map(true)));
        nodes.clear();
    }

    @AfterAll
    void stopRedis() {
        Await.get("close", vertx.close().map(true));
        server.close();
    }

    @Override
    protected PresenceStore create() {
        RedisCluster node = cast.node();
        nodes.add(node);
        Await.get("join", node.join(vertx).map(true));
        return node.presence();
    }
}
