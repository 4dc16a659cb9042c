package dev.polywire.benchmarks.server;

import dev.polywire.AddressOptions;
import dev.polywire.ChannelOptions;
import dev.polywire.LimitOptions;
import dev.polywire.OverloadOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.SlowConsumerPolicy;
import dev.polywire.cluster.redis.RedisCluster;
import dev.polywire.cluster.redis.RedisOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

/**
 * Polywire with all its guarantees on: namespace {@code live} without history, {@code kept} with it, and {@code open}, to which
 * clients may publish. All else is as it is by default, but for the settings {@code policy}, {@code heartbeat} (milliseconds),
 * {@code history} (messages) and {@code redis} (where the one is that it shares with other nodes).
 */
final class PolywireTarget implements Target {
    private final Vertx vertx;
    private final Realtime realtime;
    private final String prefix;

    PolywireTarget(Vertx vertx, Properties settings) {
        this.vertx = vertx;
        prefix = settings.getProperty("namespace", "live") + ':';
        SlowConsumerPolicy policy = SlowConsumerPolicy.valueOf(
                settings.getProperty("policy", "disconnect").toUpperCase(Locale.ROOT));
        int history = Integer.parseInt(settings.getProperty("history", "1000"));
        SessionOptions session = new SessionOptions();
        String heartbeat = settings.getProperty("heartbeat");
        if (heartbeat != null) {
            session.heartbeat(Duration.ofMillis(Long.parseLong(heartbeat)));
        }
        RealtimeOptions options = new RealtimeOptions()
                .allowAnonymous(true)
                .session(session)
                // All clients of a benchmark come from one address, and at once, and it measures the server when it has
                // too
                // much to do. What is charged for frames stays on.
                .limits(new LimitOptions()
                        .overload(new OverloadOptions().heapPercent(0).lag(Duration.ZERO))
                        .address(new AddressOptions()
                                .sessions(1_000_000)
                                .polls(1_000_000)
                                .opens(0)
                                .connects(0)))
                .namespace("live", new ChannelOptions().slowConsumer(policy))
                .namespace("kept", new ChannelOptions().slowConsumer(policy).historySize(history))
                .namespace("open", new ChannelOptions().publish(ChannelOptions.Publishers.SUBSCRIBERS));
        String redis = settings.getProperty("redis");
        realtime = Realtime.create(vertx, options);
        if (redis != null) {
            realtime.cluster(new RedisCluster(new RedisOptions().setEndpoints(List.of(redis))));
        }
    }

    @Override
    public Future<Integer> start() {
        Router router = Router.router(vertx);
        realtime.mount(router);
        HttpServerOptions options = realtime.options()
                .applyTo(new HttpServerOptions().setHost("127.0.0.1").setPort(0));
        return realtime.ready()
                .compose(ready ->
                        vertx.createHttpServer(options).requestHandler(router).listen())
                .map(HttpServer::actualPort);
    }

    @Override
    public void publish(int channel, String text) {
        realtime.channels().publish(prefix + channel, "m", text);
    }
}
