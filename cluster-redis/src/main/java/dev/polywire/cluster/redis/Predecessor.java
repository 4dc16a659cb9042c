package dev.polywire.cluster.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The connection that a link had before. What was sent on it may still be on its way when it is given up here, and would be done after what is sent on the next one: a publish whose sender was
 * told that it failed would follow a later one of the same sender. So the server ends it first. On the link's context.
 */
final class Predecessor {
    private static final Pattern RUN = Pattern.compile("run_id:([0-9a-f]+)");

    /** The server's life and the connection's number there; null when there was none. */
    private @Nullable String run;

    /** Grows with each fail-over. */
    private long reign;

    private long id;

    /**
     * Ends the connection before, if its server still lives, and remembers this one; where that is not allowed, goes on without. A connection that was given up before it could do so takes
     * nobody's place: it has carried nothing, and the one before it may still have something on its way.
     */
    Future<RedisConnection> replaced(RedisConnection fresh, long present) {
        Future<Response> info = fresh.send(Request.cmd(Command.INFO).arg("server"));
        Future<Response> number = fresh.send(Request.cmd(Command.CLIENT).arg("ID"));
        return Future.all(info, number).compose(told -> {
            Matcher found = RUN.matcher(info.result().toString());
            // Without it nobody would notice that the server has been started again.
            return found.find()
                    ? replaced(fresh, found.group(1), present, number.result().toLong())
                    : Future.failedFuture("Redis does not tell its run id.");
        });
    }

    /** Returns the life of the server that the connection was last made to, and its reign, for run.lua. */
    String run() {
        return run == null ? "" : run + ':' + reign;
    }

    private Future<RedisConnection> replaced(RedisConnection fresh, String life, long present, long number) {
        Future<Response> ended = life.equals(run) && id != number
                ? fresh.send(Request.cmd(Command.CLIENT).arg("KILL").arg("ID").arg(id))
                : Future.succeededFuture();
        return ended.recover(cause -> Servers.error(cause) ? Future.succeededFuture() : Future.failedFuture(cause))
                .map(done -> {
                    run = life;
                    reign = present;
                    id = number;
                    return fresh;
                });
    }
}
