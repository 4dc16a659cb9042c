package dev.polywire.testing;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Cluster;
import dev.polywire.spi.Ledger;
import dev.polywire.spi.Peers;
import dev.polywire.spi.PresenceStore;
import dev.polywire.spi.Quota;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A node of a {@link MemoryCluster}. Safe for all threads. */
public final class MemoryNode implements Cluster, Peers {
    private final MemoryCluster cluster;
    private final Broker broker;
    private final PresenceStore presence;
    private final Ledger ledger;
    private final Quota quota;
    private volatile String self = name();
    private volatile JsonObject facts = new JsonObject();
    private volatile @Nullable Listener listener;
    private volatile @Nullable Runnable forgotten;
    private volatile boolean silent;
    private final Queue<Runnable> words = new ConcurrentLinkedQueue<>();

    MemoryNode(MemoryCluster cluster) {
        this.cluster = cluster;
        this.broker = cluster.broker().of(this);
        this.presence = cluster.presence().of(this);
        this.ledger = cluster.ledger().of(this);
        this.quota = cluster.quota().of(this);
    }

    private static String name() {
        return UUID.randomUUID().toString().replace("-", "").substring(0, 12);
    }

    /**
     * Sets by what clock limits go that its cluster's nodes share.
     *
     * @param millis monotonic
     */
    public void clock(LongSupplier millis) {
        cluster.clock(millis);
    }

    // ---- what goes wrong -------------------------------------------------------------------------------------------

    /**
     * Lets nothing from node to node reach this node, or leave it.
     *
     * @param value false when it is to be heard again
     */
    public void silent(boolean value) {
        silent = value;
    }

    boolean isSilent() {
        return silent;
    }

    void forgotten(Runnable told) {
        forgotten = told;
    }

    /** Tells it that what it told of its limits may be forgotten. */
    void forgets() {
        Runnable told = forgotten;
        if (told != null) {
            told.run();
        }
    }

    /** Has the others bury it, as when its lease had ended; it learns so at once, and goes on under a new name. */
    public void bury() {
        String before = self;
        cluster.dead(before);
        self = name();
        cluster.lives(this);
        Listener told = listener;
        if (told != null) {
            told.buried(before);
        }
        forgets();
    }

    /** Kills it: the others bury it, and it never learns. */
    public void kill() {
        silent = true;
        cluster.dead(self);
    }

    // ---- the cluster -----------------------------------------------------------------------------------------------

    @Override
    public Future<Void> join(Vertx vertx) {
        cluster.lives(this);
        return MemoryCluster.later(Future.succeededFuture());
    }

    @Override
    public Broker broker() {
        return broker;
    }

    @Override
    public PresenceStore presence() {
        return presence;
    }

    @Override
    public Peers peers() {
        return this;
    }

    @Override
    public Ledger ledger() {
        return ledger;
    }

    @Override
    public Quota quota() {
        return quota;
    }

    @Override
    public Future<Void> leave() {
        cluster.dead(self);
        return MemoryCluster.later(Future.succeededFuture());
    }

    // ---- the others ------------------------------------------------------------------------------------------------

    @Override
    public String self() {
        return self;
    }

    @Override
    public void listen(Listener value) {
        listener = value;
    }

    @Override
    public Future<Buffer> ask(String node, Buffer question, long millis) {
        Promise<Buffer> promise = Promise.promise();
        Runnable noLonger = MemoryCluster.after(
                Math.min(millis, cluster.patience()),
                () -> promise.tryFail(new ProtocolException(ErrorCode.UNAVAILABLE, "No answer came in time.")));
        promise.future().onComplete(done -> noLonger.run());
        MemoryNode other = cluster.find(node);
        if (question.length() > MOST_BYTES) {
            MemoryCluster.elsewhere(() -> promise.tryFail(tooLarge()));
        } else if (other == null) {
            MemoryCluster.elsewhere(
                    () -> promise.tryFail(new ProtocolException(ErrorCode.LOST, "This node is buried.")));
        } else if (!cut(other) && !cluster.loses(question)) {
            String from = self;
            Buffer copy = question.copy();
            MemoryCluster.elsewhere(() -> other.heard(from, copy).onComplete(answer -> {
                if (!cut(other) && !cluster.losesAnswer(question)) {
                    MemoryCluster.elsewhere(() -> answer(promise, answer));
                }
            }));
        }
        return promise.future();
    }

    private static void answer(Promise<Buffer> promise, AsyncResult<Buffer> answer) {
        if (answer.failed()) {
            boolean told = answer.cause() instanceof ProtocolException why && why.code() == ErrorCode.TOO_LARGE;
            promise.tryFail(told ? answer.cause() : new ProtocolException(ErrorCode.UNAVAILABLE, "That node failed."));
        } else if (answer.result().length() > MOST_BYTES) {
            promise.tryFail(tooLarge());
        } else {
            promise.tryComplete(answer.result().copy());
        }
    }

    private static ProtocolException tooLarge() {
        return new ProtocolException(ErrorCode.TOO_LARGE, "That is too large for another node.");
    }

    private boolean cut(MemoryNode other) {
        return silent || other.silent;
    }

    private Future<Buffer> heard(String from, Buffer question) {
        try {
            return Objects.requireNonNull(listener, "nobody listens").asked(from, question);
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    @Override
    public Future<Void> tellAll(Buffer message) {
        if (message.length() > MOST_BYTES) {
            return MemoryCluster.later(Future.failedFuture(tooLarge()));
        }
        String from = self;
        for (MemoryNode other : cluster.nodes()) {
            Listener told = other.listener;
            if (other != this && told != null && !cut(other)) {
                other.words.add(() -> told.told(from, message.copy()));
                MemoryCluster.elsewhere(other::hear);
            }
        }
        return MemoryCluster.later(Future.succeededFuture());
    }

    /** Hears the next of what it was told: one at a time, in order. */
    private void hear() {
        synchronized (words) {
            words.remove().run();
        }
    }

    @Override
    public void describe(JsonObject value) {
        facts = value.copy();
    }

    @Override
    public Future<List<Node>> nodes() {
        return MemoryCluster.later(Future.succeededFuture(cluster.nodes().stream()
                .map(node -> new Node(node.self, node.facts.copy()))
                .sorted(Comparator.comparing(Node::name))
                .toList()));
    }
}
