package dev.polywire.cluster.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A Lua script and the hash that Redis knows it by.
 *
 * @param name its file
 * @param text the source
 * @param sha hexadecimal SHA-1
 */
record Script(String name, String text, String sha) {

    /** Has a connection's server know these before anything else is said on it; a server that cannot is told again when they are needed. */
    static Future<RedisConnection> load(RedisConnection fresh, List<Script> scripts) {
        List<Future<Response>> loaded = new ArrayList<>();
        for (Script script : scripts) {
            loaded.add(fresh.send(Request.cmd(Command.SCRIPT).arg("LOAD").arg(script.text))
                    .recover(cause -> Servers.error(cause) ? Future.succeededFuture() : Future.failedFuture(cause)));
        }
        return Future.all(loaded).map(fresh);
    }

    /** Reads {@code name} beside this class; the sources are joined, so that scripts can share functions. */
    static Script load(String... names) {
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            try (InputStream in = Script.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw new IllegalStateException("There is no script " + name + ".");
                }
                text.append(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .append('\n');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-1").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return new Script(
                    names[names.length - 1], text.toString(), HexFormat.of().formatHex(hash));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
