package dev.polywire.cluster.redis;

import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.SSLOptions;
import org.jspecify.annotations.Nullable;

/** Turns the options into those of the Redis client. */
final class Clients {
    private Clients() {}

    /** Returns what a client of one sentinel needs. */
    static io.vertx.redis.client.RedisOptions sentinel(RedisOptions options, String endpoint) {
        return client(options, endpoint, options.getSentinelUser(), options.getSentinelPassword());
    }

    /** Returns what a client of one server needs. */
    static io.vertx.redis.client.RedisOptions client(RedisOptions options, String endpoint) {
        return client(options, endpoint, options.getUser(), options.getPassword());
    }

    private static io.vertx.redis.client.RedisOptions client(
            RedisOptions options, String endpoint, @Nullable String user, @Nullable String password) {
        NetClientOptions net = new NetClientOptions()
                .setTcpKeepAlive(true)
                .setTcpNoDelay(true)
                .setConnectTimeout((int) options.getConnectTimeout().toMillis());
        SSLOptions tls = options.getSsl();
        if (tls != null) {
            net.setSsl(true).setHostnameVerificationAlgorithm("HTTPS");
            net.setTrustOptions(tls.getTrustOptions()).setKeyCertOptions(tls.getKeyCertOptions());
            net.setTrustAll(false);
        }
        io.vertx.redis.client.RedisOptions client = new io.vertx.redis.client.RedisOptions()
                .setNetClientOptions(net)
                // One connection per client that lives for long; the pool only makes it.
                .setMaxPoolSize(1)
                .setMaxPoolWaiting(1)
                .setMaxWaitingHandlers(2 * options.getMaxQueued())
                .setConnectionString(tls == null ? endpoint : endpoint.replaceFirst("^redis:", "rediss:"));
        if (password != null) {
            client.setPassword(password);
        }
        if (user != null) {
            client.setUser(user);
        }
        return client;
    }
}
