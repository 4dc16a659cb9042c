package dev.polywire.examples.shared;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisAPI;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The Redis that a demo keeps its things in, apart from the engine's own connections. */
public final class DemoRedis {
    /** How long a command may take; a Redis that hangs with its connections open would never answer. */
    static final long DEADLINE_MS = 2_000;

    /** How long the first answer may take: for it, a process that starts on a busy machine has all that Redis needs to load. */
    static final long OPENING_MS = 10_000;

    private static final int QUEUE = 10_000;

    private DemoRedis() {}

    /**
     * Opens connections and asks for a sign of life.
     *
     * @param vertx carries them
     * @param url such as {@code redis://127.0.0.1:6379}
     * @return to be closed by the caller; fails with a sentence when there is no answer within ten seconds. A later command that takes longer than two seconds
     *     fails, and may have been done nevertheless
     */
    public static Future<RedisAPI> open(Vertx vertx, String url) {
        RedisOptions options = new RedisOptions()
                .setConnectionString(url)
                .setMaxWaitingHandlers(QUEUE)
                .setMaxPoolWaiting(QUEUE);
        Redis client = Redis.createClient(vertx, options);
        RedisAPI redis = RedisAPI.api(new Patient(client));
        return RedisAPI.api(client)
                .ping(List.of())
                .timeout(OPENING_MS, TimeUnit.MILLISECONDS)
                .map(redis)
                .recover(failure -> {
                    redis.close();
                    return Future.failedFuture("The Redis that --redis names does not answer"
                            + (failure instanceof TimeoutException
                                    ? " within " + OPENING_MS / 1000 + " seconds."
                                    : ": " + failure.getMessage()));
                });
    }

    /** Waits for an answer, but not for ever. */
    private record Patient(Redis redis) implements Redis {
        @Override
        public Future<RedisConnection> connect() {
            return redis.connect().timeout(DEADLINE_MS, TimeUnit.MILLISECONDS);
        }

        @Override
        public Future<Void> close() {
            return redis.close();
        }

        @Override
        public Future<Response> send(Request command) {
            return redis.send(command).timeout(DEADLINE_MS, TimeUnit.MILLISECONDS);
        }

        @Override
        public Future<List<Response>> batch(List<Request> commands) {
            return redis.batch(commands).timeout(DEADLINE_MS, TimeUnit.MILLISECONDS);
        }
    }
}
