package dev.polywire.examples.notifications;

import dev.polywire.AuthOptions;
import dev.polywire.ChannelHandler;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.Session;
import dev.polywire.examples.shared.Demo;
import dev.polywire.examples.shared.DemoHttp;
import dev.polywire.examples.shared.DemoPages;
import dev.polywire.examples.shared.DemoRedis;
import dev.polywire.examples.shared.DemoSettings;
import dev.polywire.examples.shared.Issuer;
import dev.polywire.examples.shared.SignIn;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.redis.client.RedisAPI;
import java.util.Collection;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The notification server: an HTTP API to send by, an engine that tells the devices, and the pages. */
public final class Notifications implements Demo {
    private static final String NAME = "notifications";
    private static final String PREFIX = "polywire-demo:" + NAME + ":";
    private static final long TICK_MS = 250;

    private final Vertx vertx;
    private final Realtime realtime;
    private final HttpServer server;
    private final @Nullable RedisAPI redis;
    private final long timer;

    private Notifications(Vertx vertx, Realtime realtime, HttpServer server, @Nullable RedisAPI redis, long timer) {
        this.vertx = vertx;
        this.realtime = realtime;
        this.server = server;
        this.redis = redis;
        this.timer = timer;
    }

    /**
     * Starts a notification server.
     *
     * @param vertx where it runs
     * @param settings where it listens and keeps things
     * @return completes when it listens, and knows what is kept from before
     */
    public static Future<Notifications> start(Vertx vertx, DemoSettings settings) {
        return start(vertx, settings, System::currentTimeMillis);
    }

    static Future<Notifications> start(Vertx vertx, DemoSettings settings, LongSupplier clock) {
        if (settings.redis() == null) {
            return start(vertx, settings, clock, null);
        }
        return DemoRedis.open(vertx, settings.redis())
                .compose(redis -> start(vertx, settings, clock, redis).onFailure(failure -> redis.close()));
    }

    private static Future<Notifications> start(
            Vertx vertx, DemoSettings settings, LongSupplier clock, @Nullable RedisAPI redis) {
        return Issuer.create(vertx, NAME, redis, PREFIX).compose(issuer -> {
            RealtimeOptions options = new RealtimeOptions().auth(new AuthOptions().jwt(issuer.options()));
            Realtime realtime = Realtime.create(vertx, options);
            Inboxes inboxes = redis == null ? new MemoryInboxes() : new RedisInboxes(redis, PREFIX);
            Notifier notifier = new Notifier(inboxes, realtime.channels(), clock);
            realtime.channels().handler("user", new Devices(notifier));
            requests(realtime, notifier);
            Router router = Router.router(vertx);
            realtime.mount(router);
            DemoPages.guardApi(router);
            new NotificationsApi(notifier, new SignIn(vertx, issuer, redis, PREFIX, clock)).mount(router, issuer);
            DemoPages.mount(router, NAME, "Notifications", options);
            HttpServerOptions http = options.applyTo(DemoHttp.options(settings.host(), settings.port()));
            return notifier.restore()
                    .compose(known -> realtime.ready())
                    .compose(ready ->
                            vertx.createHttpServer(http).requestHandler(router).listen())
                    .map(server -> new Notifications(
                            vertx, realtime, server, redis, vertx.setPeriodic(TICK_MS, tick -> notifier.tick())))
                    .recover(failure -> realtime.close().transform(done -> Future.failedFuture(failure)));
        });
    }

    /** What a page does to an inbox goes by its session, so that what was done while it was offline is done on coming back. */
    private static void requests(Realtime realtime, Notifier notifier) {
        request(realtime, "inbox.acknowledge", (user, body) -> notifier.acknowledge(user, some(body)));
        request(
                realtime,
                "inbox.mark",
                (user, body) -> notifier.mark(user, NotificationsApi.ids(body), NotificationsApi.flag(body, "read")));
        request(realtime, "inbox.remove", (user, body) -> notifier.remove(user, some(body)));
        request(realtime, "inbox.quiet", (user, body) -> notifier.quiet(user, QuietHours.fromJson(body)));
        request(
                realtime,
                "inbox.follow",
                (user, body) -> notifier.follow(
                        user, NotificationsApi.topic(Message.text(body, "topic")), NotificationsApi.flag(body, "on")));
    }

    private interface Step {
        Future<Void> take(String user, JsonObject body);
    }

    private static void request(Realtime realtime, String address, Step step) {
        realtime.request(address, (session, payload) -> {
            String user = Objects.requireNonNull(session.principal().id());
            try {
                if (payload.value() instanceof JsonObject body) {
                    return step.take(user, body).map(true);
                }
                return refusal("A JSON object is needed.");
            } catch (IllegalArgumentException e) {
                return refusal(String.valueOf(e.getMessage()));
            }
        });
    }

    private static <T> Future<T> refusal(String sentence) {
        return Future.failedFuture(new ProtocolException(ErrorCode.BAD_FRAME, sentence));
    }

    private static Collection<String> some(JsonObject body) {
        Collection<String> ids = NotificationsApi.ids(body);
        if (ids == null) {
            throw new IllegalArgumentException("There must be ids.");
        }
        return ids;
    }

    /** Shows a device the inbox when it comes, and again whenever it may have missed something. */
    private record Devices(Notifier notifier) implements ChannelHandler {
        @Override
        public Future<@Nullable Object> onSubscribe(Session session, String channel) {
            return notifier.view(channel.substring("user:".length()), Notifier.VIEW_BYTES)
                    .map(Function.identity());
        }
    }

    @Override
    public int port() {
        return server.actualPort();
    }

    @Override
    public Future<Void> close() {
        vertx.cancelTimer(timer);
        return realtime.close().transform(done -> server.close()).onComplete(done -> {
            if (redis != null) {
                redis.close();
            }
        });
    }
}
