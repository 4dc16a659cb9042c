package dev.polywire.cluster.redis;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Ledger;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Where it is written in Redis who has a session that has moved. */
final class RedisLedger implements Ledger {
    static final Script GIVE = Script.load("session.lua", "give.lua");
    private static final Script TAKE = Script.load("session.lua", "take.lua");
    private static final Script END = Script.load("session.lua", "end.lua");
    private static final Script KEEP = Script.load("session.lua", "keep.lua");

    /** How long an entry outlives its last renewal, in milliseconds. */
    private static final long KEPT = TimeUnit.MINUTES.toMillis(10);

    /** How many entries are renewed side by side. */
    private static final int CHUNK = 200;

    /** Hears that a session was given away. */
    interface Given {
        /** Its presence stays as it is for so long, for whoever takes it. */
        void given(String session, Duration keep);
    }

    private record Mine(long fence, long since) {}

    private record Parts(Vertx vertx, Commands commands, RedisOptions options, Lease lease) {}

    private final Map<String, Mine> mine = new ConcurrentHashMap<>();
    private final Given listener;
    private volatile @Nullable Parts parts;

    /**
     * Creates it, to be started.
     *
     * @param listener told on the context
     */
    RedisLedger(Given listener) {
        this.listener = listener;
    }

    void start(Vertx vertx, Commands commands, RedisOptions options, Lease lease) {
        parts = new Parts(vertx, commands, options, lease);
    }

    private Parts parts() {
        Parts now = parts;
        if (now == null) {
            throw new IllegalStateException("This node has not joined.");
        }
        return now;
    }

    private static List<String> key(Parts now, String session) {
        return List.of(now.options.getPrefix() + "{s:" + session + "}");
    }

    private static <T> Future<T> told(Future<T> call) {
        return call.recover(error -> Future.failedFuture(Away.unavailable(error)));
    }

    @Override
    public Future<@Nullable Entry> find(String session) {
        Parts now = parts();
        String key = key(now, session).get(0);
        return told(now.commands
                .send(
                        key,
                        () -> Request.cmd(Command.HMGET)
                                .arg(key)
                                .arg("o")
                                .arg("f")
                                .arg("w")
                                .arg("e"))
                .map(reply -> {
                    if (reply.get(1) == null) {
                        return null;
                    }
                    String owner = reply.get(0) == null ? "" : reply.get(0).toString();
                    return new Entry(
                            owner.isEmpty() ? null : owner,
                            reply.get(1).toLong(),
                            is(reply.get(2)),
                            over(reply.get(3)));
                }));
    }

    private static boolean is(@Nullable Response flag) {
        return flag != null && flag.toString().equals("1");
    }

    private static @Nullable ErrorCode over(@Nullable Response why) {
        if (why == null) {
            return null;
        }
        try {
            return ErrorCode.valueOf(why.toString().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            // A newer server's word.
            return ErrorCode.LOST;
        }
    }

    private int knows(String session, long fence) {
        Mine known = mine.get(session);
        return known != null && known.fence() == fence ? 1 : 0;
    }

    @Override
    public Future<Long> give(String session, long fence, @Nullable String to, Buffer state, Duration keep) {
        Parts now = parts();
        List<Object> args =
                List.of(fence, to == null ? "" : to, state, keep.toMillis(), Lease.name(), knows(session, fence));
        long deadline = System.nanoTime()
                + TimeUnit.MILLISECONDS.toNanos(now.options.getCallTimeout().toMillis());
        mine.remove(session);
        // The next owner publishes as soon as this is written: what this node has published must not come after that.
        Future<Void> settled =
                now.commands.settled().timeout(now.options.getCallTimeout().toMillis(), TimeUnit.MILLISECONDS);
        return told(settled.compose(v -> give(now, session, args, deadline)).compose(written -> {
            if (written < 0) {
                return Future.failedFuture(new ProtocolException(ErrorCode.LOST, "Somebody else has the session."));
            }
            listener.given(session, keep);
            return Future.succeededFuture(written);
        }));
    }

    /** What was written under the name of this attempt is found there when it is asked again. */
    private Future<Long> give(Parts now, String session, List<Object> args, long deadline) {
        return now.commands
                .eval(GIVE, key(now, session), args)
                .map(Response::toLong)
                .recover(error -> {
                    if (!(error instanceof Away) || System.nanoTime() - deadline > 0) {
                        return Future.failedFuture(error);
                    }
                    Promise<Long> promise = Promise.promise();
                    now.vertx.setTimer(
                            100,
                            id -> now.commands
                                    .context()
                                    .runOnContext(v ->
                                            give(now, session, args, deadline).onComplete(promise)));
                    return promise.future();
                });
    }

    @Override
    public Future<@Nullable Taken> take(String session) {
        Parts now = parts();
        return told(now.commands
                .eval(TAKE, key(now, session), List.of(now.lease.self(), KEPT))
                .map(reply -> {
                    if (reply == null) {
                        return null;
                    }
                    long fence = reply.get(0).toLong();
                    mine.put(session, new Mine(fence, System.nanoTime()));
                    return new Taken(fence, reply.get(1).toBuffer());
                }));
    }

    @Override
    public Future<Boolean> end(String session, long fence, ErrorCode why) {
        Parts now = parts();
        int known = knows(session, fence);
        mine.remove(session);
        return told(now.commands
                .eval(END, key(now, session), List.of(fence, KEPT, known, why.wire()))
                .map(reply -> reply.toInteger() == 1));
    }

    @Override
    public Future<List<String>> renew(Collection<String> sessions) {
        Parts now = parts();
        Set<String> all = Set.copyOf(sessions);
        // What has ended without a word is not remembered for ever.
        long old = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(KEPT);
        mine.entrySet().removeIf(entry -> entry.getValue().since() - old < 0 && !all.contains(entry.getKey()));
        List<String> lost = new ArrayList<>();
        return told(renew(now, List.copyOf(all), 0, lost).map(done -> List.copyOf(lost)));
    }

    private Future<Void> renew(Parts now, List<String> all, int from, List<String> lost) {
        if (from >= all.size()) {
            return Future.succeededFuture();
        }
        int end = Math.min(all.size(), from + CHUNK);
        List<Future<?>> calls = new ArrayList<>();
        for (String session : all.subList(from, end)) {
            Mine known = mine.get(session);
            calls.add(now.commands
                    .eval(KEEP, key(now, session), List.of(now.lease.self(), KEPT, known == null ? -1 : known.fence()))
                    .onSuccess(reply -> {
                        if (reply.toInteger() == 0) {
                            mine.remove(session);
                            lost.add(session);
                        }
                    }));
        }
        return Future.all(calls).compose(done -> renew(now, all, end, lost));
    }
}
