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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where it is written in Redis who has a session that has moved. */
final class RedisLedger implements Ledger {
    static final Script GIVE = Script.load("session.lua", "give.lua");
    private static final Script TAKE = Script.load("session.lua", "take.lua");
    private static final Script END = Script.load("session.lua", "end.lua");
    private static final Script KEEP = Script.load("session.lua", "keep.lua");

    /** How long an entry outlives its last renewal, in milliseconds. */
    private static final long KEPT = TimeUnit.MINUTES.toMillis(10);

    /** How long it is tried to learn whether something was taken, milliseconds: a session whose owner has gone on without it for longer is lost. */
    private static final long TAKING = TimeUnit.MINUTES.toMillis(2);

    /** How many entries are renewed side by side. */
    private static final int CHUNK = 200;

    /** Hears that a session was given away. */
    interface Given {
        /** Its presence stays as it is for so long, for whoever takes it. */
        void given(String session, Duration keep);
    }

    private record Mine(long fence, long since) {}

    private record Parts(
            Commands commands, RedisOptions options, Lease lease, Supplier<Future<Void>> settled, Retry retry) {}

    private final Map<String, Mine> mine = new ConcurrentHashMap<>();
    private final Given listener;
    private volatile @Nullable Parts parts;
    private volatile boolean stopped;

    /**
     * Creates it, to be started.
     *
     * @param listener told on the context
     */
    RedisLedger(Given listener) {
        this.listener = listener;
    }

    void start(Vertx vertx, Commands commands, RedisOptions options, Lease lease, Supplier<Future<Void>> settled) {
        parts = new Parts(commands, options, lease, settled, new Retry(vertx, commands, () -> stopped));
    }

    /** Tries nothing again any more: this node leaves. */
    void stop() {
        stopped = true;
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
    public Future<Long> give(
            String session, long fence, String proof, @Nullable String to, Buffer state, Duration keep) {
        Parts now = parts();
        String name = Lease.name();
        int known = knows(session, fence);
        mine.remove(session);
        // Before anything is written: whatever comes of it, its members go when nobody has taken it in time.
        now.commands.context().runOnContext(v -> listener.given(session, keep));
        long limit = now.options.getCallTimeout().toMillis();
        long late = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limit);
        // The next owner publishes as soon as this is written: what this node has published must not come after that.
        Future<Void> settled = now.retry.until(
                keep.toMillis(),
                false,
                () -> now.settled
                        .get()
                        .timeout(limit, TimeUnit.MILLISECONDS)
                        .recover(error -> Future.failedFuture(new Away("Something may still be on its way.", false))));
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(keep.toMillis());
        return told(settled.compose(v -> now.retry.until(left(end), false, () -> {
                    // Whoever has asked for it does not wait so long, and its client may be at any node by now.
                    String next = to == null || System.nanoTime() - late > 0 ? "" : to;
                    return now.commands
                            .eval(
                                    GIVE,
                                    key(now, session),
                                    List.of(fence, next, state, keep.toMillis(), name, known, now.lease.self(), proof))
                            .map(Response::toLong);
                }))
                .compose(written -> {
                    if (written < 0) {
                        return Future.failedFuture(
                                new ProtocolException(ErrorCode.LOST, "Somebody else has the session."));
                    }
                    listener.given(session, keep);
                    return Future.succeededFuture(written);
                }));
    }

    private static long left(long end) {
        return Math.max(0, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
    }

    @Override
    public Future<@Nullable Taken> take(String session, String proof) {
        Parts now = parts();
        String name = Lease.name();
        return told(now.retry
                .until(
                        TAKING,
                        true,
                        () -> now.commands.eval(TAKE, key(now, session), List.of(now.lease.self(), KEPT, proof, name)))
                .compose(reply -> {
                    if (reply == null) {
                        return Future.succeededFuture();
                    }
                    if (reply.size() == 0) {
                        return Future.failedFuture(
                                new ProtocolException(ErrorCode.UNKNOWN, "There is no such session."));
                    }
                    long fence = reply.get(0).toLong();
                    mine.put(session, new Mine(fence, System.nanoTime()));
                    return Future.succeededFuture(new Taken(fence, reply.get(1).toBuffer()));
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
        Promise<List<String>> promise = Promise.promise();
        now.commands
                .context()
                .runOnContext(v -> new Renewal(now, mine).renew(all).onComplete(promise));
        return told(promise.future());
    }

    /** One round of renewals, on the context: as many side by side as a chunk has, at each master for itself, so that one that is away keeps nobody else's from being renewed. */
    private static final class Renewal {
        private final Parts now;
        private final Map<String, Mine> mine;
        private final List<String> lost = new ArrayList<>();
        private @Nullable Throwable failed;
        private boolean any;

        Renewal(Parts now, Map<String, Mine> mine) {
            this.now = now;
            this.mine = mine;
        }

        Future<List<String>> renew(Set<String> all) {
            Map<String, List<String>> owners = new HashMap<>();
            for (String session : all) {
                String owner = now.commands.owner(key(now, session).get(0));
                owners.computeIfAbsent(owner == null ? "" : owner, name -> new ArrayList<>())
                        .add(session);
            }
            return Future.join(owners.values().stream()
                            .map(sessions -> renew(sessions, 0))
                            .toList())
                    .transform(done -> {
                        Throwable why = failed;
                        // What is known to be lost is told in any case.
                        return why == null || any
                                ? Future.succeededFuture(List.copyOf(lost))
                                : Future.failedFuture(why);
                    });
        }

        private Future<Void> renew(List<String> all, int from) {
            if (from >= all.size()) {
                return Future.succeededFuture();
            }
            int end = Math.min(all.size(), from + CHUNK);
            List<Future<Boolean>> calls = new ArrayList<>();
            for (String session : all.subList(from, end)) {
                calls.add(renew(session));
            }
            return Future.join(calls).transform(done -> {
                // A master that answers none of a chunk is asked again in the next round.
                boolean away = calls.stream().allMatch(Future::failed);
                return away ? Future.succeededFuture() : renew(all, end);
            });
        }

        private Future<Boolean> renew(String session) {
            Mine known = mine.get(session);
            return now.commands
                    .eval(KEEP, key(now, session), List.of(now.lease.self(), KEPT, known == null ? -1 : known.fence()))
                    .map(reply -> reply.toInteger() == 1)
                    .onFailure(error -> failed = error)
                    .onSuccess(kept -> {
                        any = true;
                        if (!kept) {
                            mine.remove(session);
                            lost.add(session);
                        }
                    });
        }
    }
}
