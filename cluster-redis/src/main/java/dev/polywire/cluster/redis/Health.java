package dev.polywire.cluster.redis;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.healthchecks.Status;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** How this node is, for health checks. Safe to call from any thread; every answer comes in time. */
final class Health {
    private final Commands commands;
    private final BooleanSupplier whole;
    private final Listening listening;
    private final BooleanSupplier lives;
    private final RedisOptions options;

    Health(Commands commands, BooleanSupplier whole, Listening listening, BooleanSupplier lives, RedisOptions options) {
        this.commands = commands;
        this.whole = whole;
        this.listening = listening;
        this.lives = lives;
        this.options = options;
    }

    /**
     * Tells whether messages arrive: what this node publishes to itself, over the connections that everything takes, comes back from every server; and
     * whether its lease is certain not to have ended.
     *
     * @return not OK when one of it is not so, or not yet; never fails
     */
    Future<Status> ready() {
        Promise<Status> answer = Promise.promise();
        commands.context()
                .runOnContext(v -> answer.tryComplete(
                        lives.getAsBoolean()
                                ? status(
                                        whole.getAsBoolean() && listening.hears(),
                                        "What this node publishes does not come back to it.")
                                : status(false, "This node's lease could not be renewed.")));
        return limited(answer);
    }

    /**
     * Tells whether this node works by itself, with Redis or without: its event loop turns.
     *
     * @return not OK when the event loop is stuck; never fails
     */
    Future<Status> alive() {
        Promise<Status> answer = Promise.promise();
        commands.context().runOnContext(v -> answer.tryComplete(Status.OK()));
        return limited(answer);
    }

    private Future<Status> limited(Promise<Status> answer) {
        return answer.future()
                .timeout(options.getCallTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .otherwise(error -> status(false, "The event loop does not turn."));
    }

    private static Status status(boolean good, String otherwise) {
        return good ? Status.OK() : Status.KO(new JsonObject().put("reason", otherwise));
    }
}
