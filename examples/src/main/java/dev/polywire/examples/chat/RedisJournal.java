package dev.polywire.examples.chat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.RedisAPI;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A journal in a list of Redis. One write is under way at a time, and takes along what has come meanwhile; what fails, or has no answer in
 * time, is tried again. Redis may then do it twice, and the first one late: so entries are numbered, and one that stands behind a later one
 * is not read. For one chat at a time: two with the same Redis would each go by what they know.
 */
final class RedisJournal implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(RedisJournal.class);

    /** How many entries go to or come from Redis at once. */
    private static final int BATCH = 500;

    /** How many entries may wait to be written. */
    private static final int WAITING = 10_000;

    /** After how many entries the list is written anew, without what is no longer true. */
    private static final int RENEWED = 20_000;

    /** How long Redis may take to answer, milliseconds. */
    static final long DEADLINE = 3000;

    /** How long what failed waits, milliseconds. */
    private static final long AGAIN = 500;

    /** How long a list that was begun anew may lie about when it did not take the place of the old one, seconds. */
    private static final String FORGOTTEN = "3600";

    /** Puts a new list in the place of the old one, unless something has been written to that which the new one may lack. */
    private static final String REPLACE = """
        if (redis.call('lindex', KEYS[1], -1) or '') ~= ARGV[1] then return 0 end
        redis.call('rename', KEYS[2], KEYS[1])
        redis.call('persist', KEYS[1])
        return 1
        """;

    private static final String NUMBER = "n";

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

    /** The number of the newest entry. */
    private long number;

    /** What stands at the end of the list, as far as is known. */
    private String tail = "";

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
        RedisJournal journal = new RedisJournal(vertx, redis, prefix + "journal");
        return journal.read(0, replay).map(journal);
    }

    private Future<Void> read(int from, Consumer<JsonObject> replay) {
        return inTime(redis.lrange(key, String.valueOf(from), String.valueOf(from + BATCH - 1)))
                .compose(page -> {
                    page.forEach(line -> read(line.toString(), replay));
                    return page.size() < BATCH ? Future.succeededFuture() : read(from + BATCH, replay);
                });
    }

    private synchronized void read(String line, Consumer<JsonObject> replay) {
        tail = line;
        JsonObject entry = new JsonObject(line);
        if (entry.remove(NUMBER) instanceof Number its) {
            if (its.longValue() <= number) {
                return;
            }
            number = its.longValue();
        }
        if (!entry.isEmpty()) {
            replay.accept(entry);
        }
    }

    private static <T> Future<T> inTime(Future<T> answer) {
        return answer.timeout(DEADLINE, TimeUnit.MILLISECONDS);
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
        waiting.add(entry.copy().put(NUMBER, ++number).encode());
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
        push(key, batch).onComplete(result -> {
            if (result.succeeded()) {
                told.complete();
                (grown(batch) ? tidy() : Future.succeededFuture()).onComplete(done -> {
                    free();
                    flush();
                });
            } else {
                again(batch, told, result.cause());
            }
        });
    }

    private synchronized boolean grown(List<String> by) {
        if (failing) {
            failing = false;
            LOG.info("The journal is written again.");
        }
        tail = by.get(by.size() - 1);
        written += by.size();
        return written > RENEWED;
    }

    private synchronized void free() {
        busy = false;
    }

    /** Puts back what could not be written. What was written all the same stands there twice, and is read once. */
    private synchronized void again(List<String> batch, Promise<Void> told, Throwable cause) {
        if (!failing) {
            LOG.warn("The journal cannot be written: {}", cause.getMessage());
        }
        failing = true;
        busy = false;
        if (closed) {
            told.fail(cause);
            next.tryFail(cause);
            return;
        }
        batch.addAll(waiting);
        waiting = batch;
        Promise<Void> later = next;
        next = told;
        told.future().onComplete(later);
        vertx.setTimer(AGAIN, tried -> flush());
    }

    /** Writes anew; when that fails, the list stays as it is, and it is tried again when as much has come once more. */
    private Future<Void> tidy() {
        return renew().onFailure(failure -> {
            LOG.warn("The journal could not be written anew: {}", failure.getMessage());
            synchronized (this) {
                written = 0;
            }
        });
    }

    /** Not under the lock: what is true now is told under locks that are held when something is written. */
    private Future<Void> renew() {
        String fresh = key + ":" + UUID.randomUUID();
        List<String> lines = new ArrayList<>();
        String last;
        synchronized (this) {
            last = tail;
            // What has a lower number is in what follows. What comes meanwhile may be as well, and is written once more
            // behind it.
            lines.add(new JsonObject().put(NUMBER, number).encode());
        }
        all.get().forEach(entry -> lines.add(entry.encode()));
        return push(fresh, lines.subList(0, 1))
                .compose(begun -> inTime(redis.expire(List.of(fresh, FORGOTTEN))))
                .compose(bounded -> push(fresh, lines.subList(1, lines.size())))
                .compose(pushed -> inTime(redis.eval(List.of(REPLACE, "2", key, fresh, last))))
                .compose(replaced -> {
                    if (replaced.toInteger() != 1) {
                        return Future.failedFuture("Something else was written at the same time.");
                    }
                    synchronized (this) {
                        tail = lines.get(lines.size() - 1);
                        written = 0;
                    }
                    return Future.succeededFuture();
                });
    }

    private Future<@Nullable Void> push(String list, List<String> lines) {
        if (lines.isEmpty()) {
            return Future.succeededFuture();
        }
        List<String> command = new ArrayList<>();
        command.add(list);
        command.addAll(lines.subList(0, Math.min(BATCH, lines.size())));
        return inTime(redis.rpush(command))
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
