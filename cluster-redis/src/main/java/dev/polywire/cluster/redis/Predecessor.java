package dev.polywire.cluster.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
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

    private long id;

    /** Ends the connection before, if its server still lives, and remembers this one; where that is not allowed, goes on without. */
    Future<RedisConnection> replaced(RedisConnection fresh) {
        return fresh.send(Request.cmd(Command.INFO).arg("server")).compose(info -> {
            Matcher found = RUN.matcher(info.toString());
            if (!found.find()) {
                // Without it nobody would notice that the server has been started again.
                return Future.failedFuture("Redis does not tell its run id.");
            }
            return fresh.send(Request.cmd(Command.CLIENT).arg("ID"))
                    .compose(number -> replaced(fresh, found.group(1), number.toLong()));
        });
    }

    /** Returns the life of the server that the connection was last made to. */
    String run() {
        return run == null ? "" : run;
    }

    private Future<RedisConnection> replaced(RedisConnection fresh, String life, long number) {
        boolean same = life.equals(run) && id != number;
        long before = id;
        run = life;
        id = number;
        return same
                ? fresh.send(Request.cmd(Command.CLIENT).arg("KILL").arg("ID").arg(before))
                        .transform(done -> Future.succeededFuture(fresh))
                : Future.succeededFuture(fresh);
    }
}
