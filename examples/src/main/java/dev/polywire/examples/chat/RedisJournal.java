package dev.polywire.examples.chat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.RedisAPI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A journal in a list of Redis. One write is under way at a time, and takes along what has come meanwhile; what fails is tried again.
 * For one chat at a time: two with the same Redis would each go by what they know.
 */
final class RedisJournal implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(RedisJournal.class);

    /** How many entries go to or come from Redis at once. */
    private static final int BATCH = 500;

    /** How many entries may wait to be written. */
    private static final int WAITING = 10_000;

    /** After how many entries the list is written anew, without what is no longer true. */
    private static final int RENEWED = 20_000;

    private static final long AGAIN = 500;

    private final Vertx vertx;
    private final RedisAPI redis;
    private final String key;
    private List<String> waiting = new ArrayList<>();
    private Promise<Void> next = Promise.promise();
    private Future<Void> current = Future.succeededFuture();
    private boolean busy;
    private boolean failing;
    private boolean closed;
    private int written;
    private volatile Supplier<List<JsonObject>> all = List::of;

    private RedisJournal(Vertx vertx, RedisAPI redis, String key) {
        this.vertx = vertx;
        this.redis = redis;
        this.key = key;
    }

    /**
     * Reads what was written, and is ready to {@link #begin}.
     *
     * @param vertx carries it
     * @param redis where; closed with the journal
     * @param prefix what its key begins with
     * @param replay takes each entry, in order
     * @return the journal
     */
    static Future<Journal> open(Vertx vertx, RedisAPI redis, String prefix, Consumer<JsonObject> replay) {
        String key = prefix + "journal";
        return read(redis, key, 0, replay).map(new RedisJournal(vertx, redis, key));
    }

    private static Future<Void> read(RedisAPI redis, String key, int from, Consumer<JsonObject> replay) {
        return redis.lrange(key, String.valueOf(from), String.valueOf(from + BATCH - 1))
                .compose(page -> {
                    page.forEach(line -> replay.accept(new JsonObject(line.toString())));
                    return page.size() < BATCH ? Future.succeededFuture() : read(redis, key, from + BATCH, replay);
                });
    }

    @Override
    public Future<Void> begin(Supplier<List<JsonObject>> now) {
        all = now;
        return renew();
    }

    @Override
    public synchronized void check() {
        if (failing || closed || waiting.size() >= WAITING) {
            throw Refused.unavailable("The chat cannot write anything down at the moment.");
        }
    }

    @Override
    public synchronized Future<Void> write(JsonObject entry) {
        if (closed || waiting.size() >= WAITING) {
            return Future.failedFuture(Refused.unavailable("The chat cannot write anything down at the moment."));
        }
        waiting.add(entry.encode());
        Future<Void> done = next.future();
        flush();
        return done;
    }

    private synchronized void flush() {
        if (busy || waiting.isEmpty()) {
            return;
        }
        busy = true;
        List<String> batch = waiting;
        Promise<Void> told = next;
        current = told.future();
        waiting = new ArrayList<>();
        next = Promise.promise();
        push(key, batch)
                .compose(pushed -> grown(batch.size()) ? renew() : Future.succeededFuture())
                .onComplete(result -> {
                    if (result.succeeded()) {
                        free();
                        told.complete();
                        flush();
                    } else {
                        again(batch, told, result.cause());
                    }
                });
    }

    private synchronized boolean grown(int by) {
        written += by;
        return written > RENEWED;
    }

    private synchronized void free() {
        busy = false;
        if (failing) {
            failing = false;
            LOG.info("The journal is written again.");
        }
    }

    /** Puts back what could not be written. What was written all the same stands there twice, which does no harm. */
    private synchronized void again(List<String> batch, Promise<Void> told, Throwable cause) {
        if (!failing) {
            LOG.warn("The journal cannot be written: {}", cause.getMessage());
        }
        failing = true;
        busy = false;
        if (closed) {
            told.fail(cause);
            return;
        }
        batch.addAll(waiting);
        waiting = batch;
        Promise<Void> later = next;
        next = told;
        told.future().onComplete(later);
        vertx.setTimer(AGAIN, tried -> flush());
    }

    /** Not under the lock: what is true now is told under locks that are held when something is written. */
    private Future<Void> renew() {
        String fresh = key + ":next";
        List<String> lines = all.get().stream().map(JsonObject::encode).toList();
        synchronized (this) {
            written = 0;
        }
        if (lines.isEmpty()) {
            return redis.del(List.of(key)).mapEmpty();
        }
        return redis.del(List.of(fresh))
                .compose(cleared -> push(fresh, lines))
                .compose(pushed -> redis.rename(fresh, key))
                .mapEmpty();
    }

    private Future<@Nullable Void> push(String list, List<String> lines) {
        if (lines.isEmpty()) {
            return Future.succeededFuture();
        }
        List<String> command = new ArrayList<>();
        command.add(list);
        command.addAll(lines.subList(0, Math.min(BATCH, lines.size())));
        return redis.rpush(command)
                .compose(length -> push(list, lines.subList(Math.min(BATCH, lines.size()), lines.size())));
    }

    @Override
    public Future<Void> close() {
        Future<Void> last;
        synchronized (this) {
            closed = true;
            last = waiting.isEmpty() ? current : next.future();
        }
        return last.transform(done -> {
            redis.close();
            return Future.succeededFuture();
        });
    }
}
