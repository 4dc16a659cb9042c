package dev.polywire.cluster.redis;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import org.jspecify.annotations.Nullable;

/**
 * Waits until enough replicas have what was written over a connection. Redis does nothing else for a connection that waits, so there is one WAIT at a time, for all
 * that was written before it; what is written meanwhile shares the next. On the link's context.
 */
final class Replicas {
    private final Context context;
    private final RedisOptions options;
    private final Link link;
    private @Nullable Promise<Void> next;
    private boolean asking;

    /** Counts connections: to have waited on one says nothing of what was written over another. */
    private long life;

    Replicas(Context context, RedisOptions options, Link link) {
        this.context = context;
        this.options = options;
        this.link = link;
    }

    /** Completes when enough replicas have what has been sent so far; fails with {@link Away} when they do not say so in time, or the connection ends. */
    Future<Void> reached() {
        Promise<Void> mine = next;
        if (mine == null) {
            mine = Promise.promise();
            next = mine;
            if (!asking) {
                asking = true;
                long now = life;
                // Whatever else is written in this turn is waited for along with it.
                context.runOnContext(v -> ask(now));
            }
        }
        return mine.future();
    }

    private void ask(long now) {
        if (now != life) {
            return;
        }
        Promise<Void> mine = next;
        next = null;
        if (mine == null) {
            asking = false;
            return;
        }
        link.urge(Request.cmd(Command.WAIT)
                        .arg(options.getWaitReplicas())
                        .arg(options.getWaitReplicasTimeout().toMillis()))
                .onComplete(result -> {
                    if (result.failed()) {
                        mine.tryFail(unknown());
                    } else if (result.result().toInteger() < options.getWaitReplicas()) {
                        mine.tryFail(new Away("Too few replicas have it.", true));
                    } else {
                        mine.tryComplete();
                    }
                    ask(now);
                });
    }

    private static Away unknown() {
        return new Away("It is not known which replicas have it.", true);
    }

    /** The connection is gone. */
    void broken() {
        life++;
        asking = false;
        Promise<Void> mine = next;
        next = null;
        if (mine != null) {
            mine.tryFail(unknown());
        }
    }
}
