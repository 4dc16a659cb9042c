package dev.polywire.cluster.redis;

import dev.polywire.cluster.redis.server.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;

/** One node's way to Redis, without the engine. */
final class Lab {
    final Vertx vertx;
    final RedisOptions options;
    final Commands commands;
    final Listening listening;
    final RedisBroker broker;

    Lab(Vertx vertx, RedisOptions options) {
        this.vertx = vertx;
        this.options = options;
        Servers servers = new Servers(vertx, options);
        commands = new Commands(vertx, ((VertxInternal) vertx).createEventLoopContext(), options, servers);
        listening = new Listening(vertx, commands, options, servers);
        broker = new RedisBroker(vertx, commands, listening, options);
        commands.start();
        listening.start();
        broker.start();
    }

    static RedisOptions quick(RedisServer server, RedisOptions.Mode mode) {
        return new RedisOptions()
                .setMode(mode)
                .setEndpoints(server.endpoints())
                .setMasterName(RedisServer.MASTER_NAME)
                .setCallTimeout(java.time.Duration.ofMillis(1000))
                .setConnectTimeout(java.time.Duration.ofMillis(1000))
                .setMaxReconnectDelay(java.time.Duration.ofMillis(300))
                .setHeartbeat(java.time.Duration.ofMillis(300))
                .setIdleCheck(java.time.Duration.ofMillis(500));
    }

    Future<Void> close() {
        return broker.close().compose(v -> listening.close()).compose(v -> commands.close());
    }
}
