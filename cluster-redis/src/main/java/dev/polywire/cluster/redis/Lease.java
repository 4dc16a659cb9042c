package dev.polywire.cluster.redis;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's name and the lease that it lives by, renewed three times in its length, and at once when Redis is back. Everything on the context but
 * {@link #self} and {@link #describe}.
 */
final class Lease {
    private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
    private static final SecureRandom RANDOM = new SecureRandom();

    /** How long until the first registration is tried again, in milliseconds. */
    private static final long RETRY = 100;

    /** Hears what becomes of this node. */
    interface Events {
        /** Redis did not know this node any more, or may have forgotten what it has there. */
        void forgotten();

        /** This node was buried, and has another name already. */
        void buried(String before);

        /** A dead node is to be cleaned up after; {@link #cleaned} says when that is done, or has failed. */
        void clean(String dead);

        /** The lease was renewed. */
        void renewed();
    }

    private final Vertx vertx;
    private final Commands commands;
    private final NodeKeys keys;
    private final Events events;
    private final long nanos;
    private volatile String self;
    private volatile JsonObject facts = new JsonObject();
    private long timer = -1;
    private boolean running;
    private boolean closed;
    private boolean registered;

    /** Whether Redis was away, and may have forgotten something. */
    private boolean perhaps;

    private boolean held;
    private long renewedAt;
    private long succeededAt;
    private long steadySince;
    private @Nullable Future<Void> renewing;
    private String cleaning = "";

    /** Why the first registration has not succeeded yet. */
    private @Nullable String trouble;

    Lease(Vertx vertx, Commands commands, NodeKeys keys, NodeOptions options, String self, Events events) {
        this.vertx = vertx;
        this.commands = commands;
        this.keys = keys;
        this.events = events;
        this.nanos = TimeUnit.MILLISECONDS.toNanos(options.getLease().toMillis());
        this.self = self;
    }

    /** Makes a name that no node has had. */
    static String name() {
        StringBuilder name = new StringBuilder(16);
        for (int i = 0; i < 16; i++) {
            name.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
        }
        return name.toString();
    }

    String self() {
        return self;
    }

    void describe(JsonObject value) {
        facts = value.copy();
    }

    /** Registers, and renews from then on; tries for as long as it is not closed. */
    Future<Void> start() {
        running = true;
        timer = vertx.setPeriodic(
                Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos) / 3),
                id -> commands.context().runOnContext(v -> renew()));
        commands.onUp(() -> {
            // Only one of a cluster's masters may have been away, and it may have forgotten.
            perhaps = registered;
            if (registered) {
                renew();
            }
        });
        return first();
    }

    /** Returns why this node could not register, or null. */
    @Nullable
    String trouble() {
        return trouble;
    }

    private Future<Void> first() {
        return renew().recover(error -> {
            if (closed) {
                return Future.failedFuture(error);
            }
            trouble = Servers.reason(error);
            Promise<Void> promise = Promise.promise();
            vertx.setTimer(RETRY, id -> commands.context().runOnContext(v -> first().onComplete(promise)));
            return promise.future();
        });
    }

    /** Tells whether the lease is certain not to have ended: only then may this node write (rule 38). */
    boolean held() {
        return held && !closed && System.nanoTime() - renewedAt < nanos;
    }

    /** Tells whether this node has renewed for so long without interruption that everybody else can have done so, too. */
    boolean steady() {
        long now = System.nanoTime();
        return held && now - succeededAt < nanos && now - steadySince > nanos + nanos / 3;
    }

    /** Renews now; the same as one that is under way. */
    Future<Void> renew() {
        Future<Void> now = renewing;
        if (now != null) {
            return now;
        }
        if (!running || closed) {
            return Future.failedFuture(new Away("The node is leaving.", false));
        }
        String name = self;
        long began = System.nanoTime();
        if (held && began - succeededAt > nanos * 2 / 3) {
            steadySince = began;
        }
        Future<Void> mine = keys.renew(name, facts, steady(), cleaning).transform(result -> {
            renewing = null;
            if (result.failed()) {
                steadySince = System.nanoTime();
                return Future.failedFuture(result.cause());
            }
            return closed ? Future.succeededFuture() : renewed(began, result.result());
        });
        if (!mine.isComplete()) {
            renewing = mine;
        }
        return mine;
    }

    private Future<Void> renewed(long began, NodeKeys.Renewed answer) {
        if (answer.dead()) {
            String before = self;
            LOG.warn("This node was buried, because its lease had ended; its sessions are lost.");
            self = name();
            held = false;
            registered = false;
            perhaps = false;
            steadySince = System.nanoTime();
            events.buried(before);
            return renew();
        }
        long now = System.nanoTime();
        if (!held || now - succeededAt > nanos * 2 / 3) {
            steadySince = now;
        }
        succeededAt = now;
        renewedAt = began;
        held = true;
        boolean again = registered && answer.fresh();
        registered = true;
        if (again) {
            LOG.warn("Redis has forgotten this node; it registers again.");
        }
        if (again || perhaps) {
            perhaps = false;
            events.forgotten();
        }
        if (!answer.claim().isEmpty()) {
            cleaning = answer.claim();
            events.clean(answer.claim());
        }
        events.renewed();
        return Future.succeededFuture();
    }

    /** Says that this node is done with a dead one, or gives it up. */
    void cleaned(String dead) {
        if (cleaning.equals(dead)) {
            cleaning = "";
        }
    }

    /**
     * Ends the lease: at once, or, when sessions that were given away still have members under this name, after so many milliseconds.
     */
    Future<Void> part(long kept) {
        stop();
        return keys.part(self, kept);
    }

    /** Renews no more. */
    void stop() {
        closed = true;
        vertx.cancelTimer(timer);
    }
}
