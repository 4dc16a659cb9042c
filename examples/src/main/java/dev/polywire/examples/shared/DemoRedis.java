package dev.polywire.examples.shared;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisAPI;
import io.vertx.redis.client.RedisOptions;
import java.util.List;

/** The Redis that a demo keeps its things in, apart from the engine's own connections. */
public final class DemoRedis {
    private static final int QUEUE = 10_000;

    private DemoRedis() {}

    /**
     * Opens connections and asks for a sign of life.
     *
     * @param vertx carries them
     * @param url such as {@code redis://127.0.0.1:6379}
     * @return to be closed by the caller; fails with a sentence when there is no answer
     */
    public static Future<RedisAPI> open(Vertx vertx, String url) {
        RedisOptions options = new RedisOptions()
                .setConnectionString(url)
                .setMaxWaitingHandlers(QUEUE)
                .setMaxPoolWaiting(QUEUE);
        RedisAPI redis = RedisAPI.api(Redis.createClient(vertx, options));
        return redis.ping(List.of()).map(redis).recover(failure -> {
            redis.close();
            return Future.failedFuture("The Redis that --redis names does not answer: " + failure.getMessage());
        });
    }
}
