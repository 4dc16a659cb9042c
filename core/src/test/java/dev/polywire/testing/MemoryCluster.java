package dev.polywire.testing;

import dev.polywire.BrokerOptions;
import dev.polywire.channel.MemoryBroker;
import dev.polywire.channel.MemoryPresence;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Several nodes in one process: what they share is in memory, and everything is answered a little later, on a thread of nobody's. Nodes fall silent, questions and answers get
 * lost, and nodes are buried when a test says so. Safe for all threads.
 */
public final class MemoryCluster {
    private static final ScheduledExecutorService ELSEWHERE = Executors.newScheduledThreadPool(2, task -> {
        Thread thread = new Thread(task, "memory-cluster");
        thread.setDaemon(true);
        return thread;
    });

    private final Map<String, MemoryNode> alive = new ConcurrentHashMap<>();
    private final SharedBroker broker =
            new SharedBroker(new MemoryBroker(new BrokerOptions(), () -> System.nanoTime() / 1_000_000), this::gate);
    private final SharedPresence presence = new SharedPresence(new MemoryPresence(), this::gate);
    private final MemoryLedger ledger = new MemoryLedger(presence);
    private final MemoryQuota quota = new MemoryQuota();
    private volatile long patience = Long.MAX_VALUE;
    private volatile Predicate<Buffer> lostQuestions = question -> false;
    private volatile Predicate<Buffer> lostAnswers = question -> false;
    private volatile BiFunction<String, String, Future<?>> gates = (step, channel) -> Future.succeededFuture();

    /** Creates a cluster without nodes. */
    public MemoryCluster() {}

    /**
     * Creates one more node.
     *
     * @return to be given to one engine, which makes it join
     */
    public MemoryNode node() {
        return new MemoryNode(this);
    }

    /**
     * Sets how long anybody waits for an answer at the most, so that a test need not wait for long.
     *
     * @param millis shorter waits stay as they are
     * @return this
     */
    public MemoryCluster patience(long millis) {
        patience = millis;
        return this;
    }

    /**
     * Sets by what clock debts are paid off.
     *
     * @param millis monotonic
     * @return this
     */
    public MemoryCluster clock(LongSupplier millis) {
        quota.clock(millis);
        return this;
    }

    /**
     * Loses some questions on their way.
     *
     * @param which those that get lost, from now on
     * @return this
     */
    public MemoryCluster loseQuestions(Predicate<Buffer> which) {
        lostQuestions = which;
        return this;
    }

    /**
     * Loses the answers to some questions on their way back.
     *
     * @param which the questions whose answers get lost, from now on
     * @return this
     */
    public MemoryCluster loseAnswers(Predicate<Buffer> which) {
        lostAnswers = which;
        return this;
    }

    /** Lets everything arrive again, and every call for a channel be carried out. */
    public void loseNothing() {
        lostQuestions = question -> false;
        lostAnswers = question -> false;
        gates = (step, channel) -> Future.succeededFuture();
    }

    /**
     * Has calls for channels wait, or fail.
     *
     * @param gate given what is called ({@code subscribe} or {@code read} of the broker, {@code join} or {@code leave} of presence) and the channel; the call is carried out when what
     *     it returns has succeeded, and fails as that does
     * @return this
     */
    public MemoryCluster gate(BiFunction<String, String, Future<?>> gate) {
        gates = gate;
        return this;
    }

    private Future<?> gate(String step, String channel) {
        return gates.apply(step, channel);
    }

    /**
     * Lets no session be written for another node until something has happened.
     *
     * @param until when it has completed, whichever way, what waits is written, in order
     * @return this
     */
    public MemoryCluster holdGives(Future<?> until) {
        ledger.holdGives(until);
        return this;
    }

    /**
     * Lets no node hear what came of taking a session until something has happened; it is taken all the same.
     *
     * @param until when it has completed, whichever way, the answers go out
     * @return this
     */
    public MemoryCluster holdTakes(Future<?> until) {
        ledger.holdTakes(until);
        return this;
    }

    /**
     * Forgets that somebody took a session, as happens when a replica takes over that had not heard of it: its state waits again.
     *
     * @param session one that was taken
     */
    public void rollBack(String session) {
        ledger.rollBack(session);
    }

    /** Has the ledger forget everything, as a Redis does that somebody has emptied. */
    public void forgetSessions() {
        ledger.forget();
    }

    long patience() {
        return patience;
    }

    boolean loses(Buffer question) {
        return lostQuestions.test(question);
    }

    boolean losesAnswer(Buffer question) {
        return lostAnswers.test(question);
    }

    SharedBroker broker() {
        return broker;
    }

    SharedPresence presence() {
        return presence;
    }

    MemoryLedger ledger() {
        return ledger;
    }

    MemoryQuota quota() {
        return quota;
    }

    void lives(MemoryNode node) {
        alive.put(node.self(), node);
    }

    /** The name is nobody's any more: whoever is in by it leaves. */
    void dead(String name) {
        alive.remove(name);
        presence.leaveAll(name);
        quota.dead(name);
    }

    @Nullable
    MemoryNode find(String name) {
        return alive.get(name);
    }

    List<MemoryNode> nodes() {
        return new ArrayList<>(alive.values());
    }

    static void elsewhere(Runnable task) {
        ELSEWHERE.execute(task);
    }

    /** Does something later; the answer is run to have it not done. */
    static Runnable after(long millis, Runnable task) {
        var set = ELSEWHERE.schedule(task, millis, java.util.concurrent.TimeUnit.MILLISECONDS);
        return () -> set.cancel(false);
    }

    /** Tells of what has been done already a little later, on another thread. */
    static <T extends @Nullable Object> Future<T> later(Future<T> done) {
        Promise<T> promise = Promise.promise();
        done.onComplete(result -> elsewhere(() -> promise.handle(result)));
        return promise.future();
    }
}
