package dev.polywire.examples.chat;

import dev.polywire.Authenticator;
import dev.polywire.ChannelHandler;
import dev.polywire.ChannelOptions;
import dev.polywire.LimitOptions;
import dev.polywire.RateLimit;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.Session;
import dev.polywire.SessionOptions;
import dev.polywire.SlowConsumerPolicy;
import dev.polywire.auth.JwtAuthenticator;
import dev.polywire.examples.shared.Demo;
import dev.polywire.examples.shared.DemoHttp;
import dev.polywire.examples.shared.DemoPages;
import dev.polywire.examples.shared.DemoRedis;
import dev.polywire.examples.shared.DemoSettings;
import dev.polywire.examples.shared.Issuer;
import dev.polywire.examples.shared.SignIn;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.redis.client.RedisAPI;
import java.text.Normalizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The chat: an HTTP server with a page, an engine, and what was said. */
public final class Chat implements Demo {
    private static final String NAME = "chat";

    /** What keys in Redis begin with. */
    private static final String PREFIX = "polywire:chat:";

    /** How many messages somebody may send at once; then one a second. */
    static final int BURST = 8;

    private final Realtime realtime;
    private final HttpServer server;
    private final Known known;

    private Chat(Realtime realtime, HttpServer server, Known known) {
        this.realtime = realtime;
        this.server = server;
        this.known = known;
    }

    /**
     * Starts a chat.
     *
     * @param vertx where it runs
     * @param settings where it is served, and where it keeps what is said
     * @return completes when the server listens
     */
    public static Future<Chat> start(Vertx vertx, DemoSettings settings) {
        return start(vertx, settings, () -> System.nanoTime() / 1_000_000);
    }

    /** Starts a chat whose limits go by another clock, of monotonic milliseconds. */
    static Future<Chat> start(Vertx vertx, DemoSettings settings, LongSupplier ticks) {
        return known(vertx, settings.redis())
                .compose(known -> serve(vertx, settings, known, ticks)
                        .recover(failure -> known.journal().close().transform(done -> Future.failedFuture(failure))));
    }

    /** What is known when the chat begins, and who signs people in. */
    private record Known(
            Journal journal,
            Names names,
            Rooms rooms,
            Issuer issuer,
            @Nullable RedisAPI redis) {
        static Known of(Journal journal, List<JsonObject> entries, Issuer issuer, @Nullable RedisAPI redis) {
            Known known = new Known(journal, new Names(journal), new Rooms(journal), issuer, redis);
            for (JsonObject entry : entries) {
                if ("name".equals(entry.getString("is"))) {
                    known.names.replay(entry);
                } else {
                    known.rooms.replay(entry);
                }
            }
            return known;
        }

        List<JsonObject> all() {
            List<JsonObject> all = new ArrayList<>();
            names.dump(all);
            rooms.dump(all);
            return all;
        }
    }

    private static Future<Known> known(Vertx vertx, @Nullable String url) {
        if (url == null) {
            return Issuer.create(vertx, NAME, null, PREFIX)
                    .map(issuer -> Known.of(Journal.NONE, List.of(), issuer, null));
        }
        List<JsonObject> entries = new ArrayList<>();
        return DemoRedis.open(vertx, url)
                .compose(redis -> RedisJournal.open(vertx, redis, PREFIX, entries::add)
                        .compose(journal -> Issuer.create(vertx, NAME, redis, PREFIX)
                                .map(issuer -> Known.of(journal, entries, issuer, redis)))
                        .compose(known -> known.journal().begin(known::all).map(known))
                        .onFailure(failure -> redis.close()));
    }

    private static RealtimeOptions options() {
        ChannelOptions conversation = new ChannelOptions()
                .presence(true)
                .publish(ChannelOptions.Publishers.SUBSCRIBERS)
                .subscribe(ChannelOptions.Subscribers.AUTHENTICATED)
                // For who comes back after his session was lost. What was said before that, a page is told on
                // subscribing.
                .historySize(200)
                .historyAge(Duration.ofMinutes(10));
        return new RealtimeOptions()
                .session(new SessionOptions()
                        // All rooms, all conversations of two, what is one's own, the list of rooms, and who types.
                        .channels(Rooms.MOST + Rooms.DIRECT + 3)
                        // A page subscribes to them in one go, and says that its person is away in each.
                        .rate(new RateLimit(40, 4 * (Rooms.MOST + Rooms.DIRECT), 128 * 1024, 512 * 1024, 100))
                        .inbox(1024)
                        // With each comes who is there.
                        .outbox(4 * 1024 * 1024))
                .limits(new LimitOptions().userSessions(20))
                .namespace("room", conversation)
                .namespace("dm", new ChannelOptions(conversation))
                .namespace(
                        "typing",
                        new ChannelOptions()
                                .publish(ChannelOptions.Publishers.SUBSCRIBERS)
                                .subscribe(ChannelOptions.Subscribers.AUTHENTICATED)
                                .slowConsumer(SlowConsumerPolicy.DROP_OLDEST))
                .namespace("rooms", new ChannelOptions().subscribe(ChannelOptions.Subscribers.AUTHENTICATED));
    }

    private static Future<Chat> serve(Vertx vertx, DemoSettings settings, Known known, LongSupplier ticks) {
        Names names = known.names();
        Rooms rooms = known.rooms();
        Realtime realtime = Realtime.create(vertx, options())
                .authenticator(authenticator(vertx, known.issuer(), names))
                .authorizer(new Access());
        ConversationHandler said = new ConversationHandler(
                vertx, realtime.channels(), names, rooms, new Pace(BURST, 1000, ticks), System::currentTimeMillis);
        realtime.channels()
                .handler("room", said)
                .handler("dm", said)
                .handler("typing", new TypingHandler(names, new Pace(3, 1000, ticks)))
                .handler("rooms", snapshot(session -> new JsonObject().put("rooms", rooms.list())))
                .handler("user", snapshot(session -> {
                    Person who = names.person(session.principal().id());
                    return who == null ? new JsonObject() : rooms.mine(who);
                }));
        new Requests(realtime, names, rooms, new Pace(5, 10_000, ticks)).begin();
        Router router = Router.router(vertx);
        realtime.mount(router);
        DemoPages.guardApi(router);
        router.post("/api/sign-in")
                .handler(BodyHandler.create(false).setBodyLimit(4096))
                .handler(context -> holdName(context, names));
        new SignIn(vertx, known.issuer(), known.redis(), PREFIX, System::currentTimeMillis).mount(router);
        DemoPages.mount(router, NAME, "Chat", realtime.options());
        HttpServerOptions http = realtime.options().applyTo(DemoHttp.options(settings.host(), settings.port()));
        return vertx.createHttpServer(http)
                .requestHandler(router)
                .listen()
                .map(server -> new Chat(realtime, server, known))
                .recover(failure -> realtime.close().transform(done -> Future.failedFuture(failure)));
    }

    private static Authenticator authenticator(Vertx vertx, Issuer issuer, Names names) {
        JwtAuthenticator tokens = new JwtAuthenticator(vertx, issuer.options());
        return (token, who) -> tokens.authenticate(token, who).map(principal -> {
            String id = String.valueOf(principal.id());
            if (!names.meet(new Person(id, principal.claims().getString("name", id)))) {
                throw new IllegalStateException("a name that looks like another");
            }
            return principal;
        });
    }

    /** Refuses a name that looks like another one, and sees to it that no such name gets in while this one does. */
    private static void holdName(RoutingContext context, Names names) {
        JsonObject asked = null;
        try {
            asked = context.body().asJsonObject();
        } catch (DecodeException | ClassCastException e) {
            // Not an object.
        }
        if (asked == null) {
            refuse(context, 400, "Signing in takes an object with a name and a password.");
            return;
        }
        String name = ConversationHandler.text(asked, "name");
        String id = SignIn.id(name);
        if (id == null) {
            // The sign-in says what a name is.
            context.next();
            return;
        }
        Person person = new Person(id, Normalizer.normalize(String.valueOf(name).strip(), Normalizer.Form.NFKC));
        String objection = names.hold(context, person);
        if (objection != null) {
            refuse(context, 409, objection);
            return;
        }
        // Before anybody can read the answer; or, when there is none, when the connection has gone.
        context.addHeadersEndHandler(
                answered -> names.release(context, context.response().getStatusCode() == 200));
        context.addEndHandler(ended -> names.release(context, false));
        context.next();
    }

    private static void refuse(RoutingContext context, int status, String sentence) {
        context.response().setStatusCode(status);
        context.json(new JsonObject().put("error", sentence));
    }

    private interface Snapshot {
        JsonObject of(Session session);
    }

    private static ChannelHandler snapshot(Snapshot snapshot) {
        return new ChannelHandler() {
            @Override
            public Future<@Nullable Object> onSubscribe(Session session, String channel) {
                return Future.succeededFuture(snapshot.of(session));
            }
        };
    }

    @Override
    public int port() {
        return server.actualPort();
    }

    @Override
    public Future<Void> close() {
        return realtime.close()
                .transform(done -> server.close())
                .transform(done -> known.journal().close());
    }

    Realtime realtime() {
        return realtime;
    }

    Rooms rooms() {
        return known.rooms();
    }
}
