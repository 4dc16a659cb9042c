package dev.polywire.examples.notifications;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.RedisAPI;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Keeps inboxes in Redis, each as a document with a version: who was not the first to change a version tries again. */
final class RedisInboxes implements Inboxes {
    private static final int TRIES = 50;

    private static final String SWAP = """
        if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return 0 end
        redis.call('HSET', KEYS[1], 'version', ARGV[2], 'inbox', ARGV[3])
        redis.call('SADD', KEYS[2], ARGV[4])
        return 1\
        """;

    private final RedisAPI redis;
    private final String prefix;

    RedisInboxes(RedisAPI redis, String prefix) {
        this.redis = redis;
        this.prefix = prefix;
    }

    @Override
    public <T> Future<T> update(String user, Function<Inbox, T> change) {
        return attempt(user, change, TRIES);
    }

    @Override
    public Future<Set<String>> users() {
        return redis.smembers(prefix + "users")
                .map(found -> found.stream().map(Object::toString).collect(Collectors.toUnmodifiableSet()));
    }

    private <T> Future<T> attempt(String user, Function<Inbox, T> change, int left) {
        String key = prefix + "inbox:" + user;
        return redis.hmget(List.of(key, "version", "inbox")).compose(found -> {
            String version = found.get(0) == null ? "" : found.get(0).toString();
            Inbox inbox = found.get(1) == null
                    ? new Inbox()
                    : Inbox.fromJson(new JsonObject(found.get(1).toString()));
            String before = inbox.toJson().encode();
            T result = change.apply(inbox);
            String after = inbox.toJson().encode();
            if (after.equals(before)) {
                return Future.succeededFuture(result);
            }
            String next = Long.toString(version.isEmpty() ? 1 : Long.parseLong(version) + 1);
            return redis.eval(List.of(SWAP, "2", key, prefix + "users", version, next, after, user))
                    .compose(swapped -> {
                        if (swapped.toInteger() == 1) {
                            return Future.succeededFuture(result);
                        }
                        return left > 1
                                ? attempt(user, change, left - 1)
                                : Future.failedFuture("Too many change this inbox at the same time.");
                    });
        });
    }
}
