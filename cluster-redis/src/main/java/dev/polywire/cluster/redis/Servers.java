package dev.polywire.cluster.redis;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the server to talk to, by asking those that are named. Safe to call from any thread. */
final class Servers {
    private static final Pattern CONFIG_EPOCH = Pattern.compile("config-epoch\\W+(\\d+)");
    private static final Pattern MY_EPOCH = Pattern.compile("cluster_my_epoch:(\\d+)");

    /** A server, and a number that grows with each fail-over as far as those know it who named the server; else 0. */
    record Found(String endpoint, long reign) {}

    private final Vertx vertx;
    private final RedisOptions options;

    Servers(Vertx vertx, RedisOptions options) {
        this.vertx = vertx;
        this.options = options;
    }

    /** Tells whether a failure is an error that Redis has answered, such as NOSCRIPT or MOVED; those begin with a word in capitals. */
    static boolean error(Throwable cause) {
        String text = cause.getMessage();
        return "ErrorType".equals(cause.getClass().getSimpleName())
                && text != null
                && !text.startsWith("CONNECTION_CLOSED");
    }

    static boolean error(Throwable cause, String word) {
        return error(cause) && String.valueOf(cause.getMessage()).startsWith(word);
    }

    /** Tells why something failed, for whoever runs this: TLS for one hides that in what caused it. */
    static String reason(Throwable failure) {
        String outer = String.valueOf(failure.getMessage());
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            String inner = cause.getMessage();
            if (inner != null && !outer.contains(inner)) {
                return outer + ": " + inner;
            }
        }
        return outer;
    }

    static Future<RedisConnection> checkMaster(RedisConnection fresh) {
        return fresh.send(Request.cmd(Command.ROLE)).compose(role -> {
            if (!"master".equals(role.get(0).toString())) {
                return Future.failedFuture("It is not the master.");
            }
            return Future.succeededFuture(fresh);
        });
    }

    /** Asks a server of a cluster for the number that grows with each fail-over. */
    static Future<Long> reign(RedisConnection fresh) {
        return fresh.send(Request.cmd(Command.CLUSTER).arg("INFO")).compose(told -> number(MY_EPOCH, told));
    }

    private static Future<Long> number(Pattern what, @Nullable Response told) {
        Matcher found = what.matcher(String.valueOf(told));
        // Without it nobody would notice that the server has been a replica in between.
        return found.find()
                ? Future.succeededFuture(Long.valueOf(found.group(1)))
                : Future.failedFuture("It is not told how often there was a fail-over.");
    }

    /** Always finds that one. */
    static Supplier<Future<Found>> at(String endpoint) {
        return () -> Future.succeededFuture(new Found(endpoint, 0));
    }

    /** Returns where the one server is, or the master. */
    Future<Found> master() {
        List<String> named = options.getEndpoints();
        return switch (options.getMode()) {
            case STANDALONE, CLUSTER -> Future.succeededFuture(new Found(named.get(0), 0));
            case REPLICATED ->
                first(
                        named,
                        0,
                        endpoint -> ask(Clients.client(options, endpoint), Request.cmd(Command.ROLE))
                                .compose(role -> "master".equals(role.get(0).toString())
                                        ? Future.succeededFuture(new Found(endpoint, 0))
                                        : Future.failedFuture("It is a replica.")));
            case SENTINEL -> first(named, 0, endpoint -> ask(Clients.sentinel(options, endpoint), this::named));
        };
    }

    private Future<Found> named(RedisConnection sentinel) {
        Future<Response> at = sentinel.send(
                Request.cmd(Command.SENTINEL).arg("get-master-addr-by-name").arg(options.getMasterName()));
        // Asked second: a reign that is newer than the address costs an epoch, an older one would hide a fail-over.
        Future<Response> master =
                sentinel.send(Request.cmd(Command.SENTINEL).arg("MASTER").arg(options.getMasterName()));
        return at.compose(address -> address == null
                ? Future.failedFuture("The sentinel knows no such master.")
                : master.compose(told -> number(CONFIG_EPOCH, told))
                        .map(reign -> new Found(
                                uri(address.get(0).toString(), address.get(1).toInteger()), reign)));
    }

    /** Returns the slots of a cluster: the first slot of each range, with its master; asks the nodes that are known in turn. */
    Future<TreeMap<Integer, String>> slots(List<String> known) {
        return first(
                known,
                0,
                endpoint -> ask(
                                Clients.client(options, endpoint),
                                Request.cmd(Command.CLUSTER).arg("SLOTS"))
                        .compose(ranges -> {
                            TreeMap<Integer, String> slots = new TreeMap<>();
                            for (Response range : ranges) {
                                Response at = range.get(2);
                                String host = at.get(0) == null ? "" : at.get(0).toString();
                                // No name means: the one that was asked.
                                slots.put(
                                        range.get(0).toInteger(),
                                        host.isEmpty()
                                                ? endpoint
                                                : uri(host, at.get(1).toInteger()));
                            }
                            return slots.isEmpty()
                                    ? Future.failedFuture("The cluster has no slots.")
                                    : Future.succeededFuture(slots);
                        }));
    }

    static String uri(String host, int port) {
        return "redis://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    private static <T> Future<T> first(List<String> endpoints, int index, Function<String, Future<T>> ask) {
        return ask.apply(endpoints.get(index))
                .recover(error ->
                        index + 1 < endpoints.size() ? first(endpoints, index + 1, ask) : Future.failedFuture(error));
    }

    private Future<Response> ask(io.vertx.redis.client.RedisOptions whom, Request request) {
        return ask(whom, connection -> connection.send(request));
    }

    private <T> Future<T> ask(io.vertx.redis.client.RedisOptions whom, Function<RedisConnection, Future<T>> question) {
        Redis client = Redis.createClient(vertx, whom);
        Promise<T> answer = Promise.promise();
        client.connect()
                .compose(question)
                .timeout(Math.max(50, options.getConnectTimeout().toMillis() / 2), TimeUnit.MILLISECONDS)
                .onComplete(result -> {
                    client.close();
                    answer.handle(result);
                });
        return answer.future();
    }

    /** Returns the slot of a key, by its hash tag if it has one. */
    static int slot(String key) {
        int open = key.indexOf('{');
        int end = open < 0 ? -1 : key.indexOf('}', open + 1);
        String hashed = end > open + 1 ? key.substring(open + 1, end) : key;
        int crc = 0;
        for (byte b : hashed.getBytes(StandardCharsets.UTF_8)) {
            crc ^= (b & 0xff) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
            }
            crc &= 0xffff;
        }
        return crc & 0x3fff;
    }

    /** Reads {@code MOVED 123 host:port} and {@code ASK} alike; null when it is neither. */
    static @Nullable String redirect(Throwable error) {
        String[] words = String.valueOf(error.getMessage()).split(" ", -1);
        if (!error(error) || words.length < 3 || !(words[0].equals("MOVED") || words[0].equals("ASK"))) {
            return null;
        }
        int colon = words[2].lastIndexOf(':');
        return colon < 1 ? null : uri(words[2].substring(0, colon), Integer.parseInt(words[2].substring(colon + 1)));
    }

    /** Makes a map that forgets nothing and keeps its order; for the links of a cluster, as many as it has masters. */
    static <T> Map<String, T> byEndpoint() {
        return new LinkedHashMap<>();
    }
}
