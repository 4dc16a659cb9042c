package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Authenticator;
import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.Session;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ReferenceClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.ext.auth.User;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.CorsHandler;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.ext.web.handler.SessionHandler;
import io.vertx.ext.web.handler.SimpleAuthenticationHandler;
import io.vertx.ext.web.impl.UserContextInternal;
import io.vertx.ext.web.sstore.LocalSessionStore;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mounting on a router that has other handlers, in front of and behind the engine. */
class MountingTest {
    private final Wires wires = new Wires();

    @AfterEach
    void close() {
        wires.close();
    }

    /** Handlers of a host application, by name. */
    enum Host {
        BODY((vertx, router) -> router.route().handler(BodyHandler.create())),
        SESSION((vertx, router) -> router.route().handler(SessionHandler.create(LocalSessionStore.create(vertx)))),
        CORS((vertx, router) -> router.route().handler(CorsHandler.create())),
        /** Goes on a moment later, as one that asks a database does; the request is paused meanwhile, as vertx-web wants it. */
        ASYNCHRONOUS((vertx, router) -> router.route().handler(ctx -> {
            ctx.request().pause();
            vertx.setTimer(20, late -> {
                ctx.request().resume();
                ctx.next();
            });
        })),
        /** One of vertx-web's own, whose provider answers later, from a worker. It refuses strangers itself. */
        AUTHENTICATION((vertx, router) -> router.route()
                .handler(SimpleAuthenticationHandler.create().authenticate(ctx -> {
                    boolean stranger = "stranger".equals(ctx.request().getHeader("x-user"));
                    return vertx.executeBlocking(() -> stranger ? null : User.fromName("ada"))
                            .compose(user -> user == null
                                    ? Future.failedFuture(new HttpException(401))
                                    : Future.succeededFuture(user));
                }))),
        ALL((vertx, router) -> {
            SESSION.add.accept(vertx, router);
            CORS.add.accept(vertx, router);
            BODY.add.accept(vertx, router);
            ASYNCHRONOUS.add.accept(vertx, router);
        });

        final BiConsumer<Vertx, Router> add;

        Host(BiConsumer<Vertx, Router> add) {
            this.add = add;
        }
    }

    static Stream<Arguments> hostsAndWires() {
        return Stream.of(Host.values())
                .flatMap(host -> Stream.of("websocket", "sse", "longpoll")
                        .flatMap(wire -> Stream.of(true, false).map(front -> Arguments.of(host, wire, front))));
    }

    @ParameterizedTest(name = "{0} {1} before: {2}")
    @MethodSource("hostsAndWires")
    @DisplayName("works behind and in front of a host's handlers")
    void worksBesideHandlers(Host host, String wire, boolean before) {
        Realtime realtime = Realtime.create(wires.vertx, options());
        int port = wires.serve(realtime.options(), router -> {
            if (before) {
                host.add.accept(wires.vertx, router);
            }
            realtime.mount(router);
            if (!before) {
                host.add.accept(wires.vertx, router);
            }
        });
        ReferenceClient client = wires.client(wire, port);
        client.connect();
        client.ask(Wires.subscribe("s", "chat:1"));
        client.ask(Wires.publish("p", "chat:1", "hello"));
        client.await("the message", frame -> "hello".equals(frame.getValue("payload")));
    }

    static RealtimeOptions options() {
        return new RealtimeOptions()
                .allowAnonymous(true)
                .namespace("chat", new ChannelOptions().publish(ChannelOptions.Publishers.SUBSCRIBERS));
    }

    @ParameterizedTest
    @MethodSource("wireNames")
    @DisplayName(
            "ctx.user() of a host's authentication handler becomes the principal; without one the request is refused")
    void userBecomesPrincipal(String wire) {
        Realtime realtime =
                Realtime.create(wires.vertx, options().allowAnonymous(false)).authenticator(Authenticator.fromRouter());
        int port = wires.serve(realtime.options(), router -> {
            // Asynchronous on purpose: the upgrade has to wait for it.
            Host.ASYNCHRONOUS.add.accept(wires.vertx, router);
            router.route().handler(ctx -> {
                if (!"stranger".equals(ctx.request().getHeader("x-user"))) {
                    ((UserContextInternal) ctx.userContext()).setUser(User.fromName("ada"));
                }
                ctx.next();
            });
            realtime.mount(router);
        });
        ReferenceClient client = wires.client(wire, port);
        assertThat(client.connect().getString("user")).isEqualTo("ada");
        Await.until("a session", () -> realtime.sessions().ofUser("ada").size() == 1);
        Session session = realtime.sessions().ofUser("ada").iterator().next();
        assertThat(session.transport()).isEqualTo(wire);
        assertThat(statusOfAStranger(wire, port)).isEqualTo(401);
    }

    @ParameterizedTest
    @MethodSource("wireNames")
    @DisplayName(
            "a real authentication handler that answers late is waited for, by an upgrade too, and its user is the principal")
    void aRealHandlersUserBecomesPrincipal(String wire) {
        Realtime realtime =
                Realtime.create(wires.vertx, options().allowAnonymous(false)).authenticator(Authenticator.fromRouter());
        int port = wires.serve(realtime.options(), router -> {
            Host.AUTHENTICATION.add.accept(wires.vertx, router);
            realtime.mount(router);
        });
        ReferenceClient client = wires.client(wire, port);
        assertThat(client.connect().getString("user")).isEqualTo("ada");
        client.ask(Wires.subscribe("s", "chat:1"));
        client.ask(Wires.publish("p", "chat:1", "hello"));
        client.await("the message", frame -> "hello".equals(frame.getValue("payload")));
        assertThat(realtime.sessions().ofUser("ada"))
                .extracting(Session::transport)
                .containsExactly(wire);
        // The host's handler answers these, and the engine never sees them.
        assertThat(statusOfAStranger(wire, port)).isEqualTo(401);
        assertThat(realtime.sessions().all()).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("wireNames")
    @DisplayName(
            "behind the engine, an authentication handler guards the rest of the host, and the engine asks its own authenticator")
    void aRealHandlerBehindIsNotAsked(String wire) {
        Realtime realtime =
                Realtime.create(wires.vertx, options().allowAnonymous(false)).authenticator(Authenticator.fromRouter());
        int port = wires.serve(realtime.options(), router -> {
            realtime.mount(router);
            Host.AUTHENTICATION.add.accept(wires.vertx, router);
            router.get("/rest").handler(ctx -> ctx.end(ctx.user().subject()));
        });
        // Nobody has set a user yet when the engine looks for one.
        assertThat(statusOfAStranger(wire, port)).isEqualTo(401);
        HttpClient host = wires.keep(wires.vertx.createHttpClient());
        assertThat(Await.get(
                                "the rest",
                                host.request(HttpMethod.GET, port, "127.0.0.1", "/rest")
                                        .compose(request -> request.send().compose(HttpClientResponse::body)))
                        .toString())
                .isEqualTo("ada");
    }

    @ParameterizedTest
    @ValueSource(strings = {"poll", "sse"})
    @DisplayName("a host's headers and end handlers take part in a reply that waits")
    void hostsTakePartInReplies(String path) {
        Realtime realtime = Realtime.create(wires.vertx, options());
        AtomicInteger ended = new AtomicInteger();
        int port = wires.serve(realtime.options(), router -> {
            router.route().handler(ctx -> {
                ctx.addEndHandler(end -> ended.incrementAndGet());
                ctx.addHeadersEndHandler(head -> ctx.response().putHeader("x-host", "late"));
                ctx.next();
            });
            realtime.mount(router);
        });
        HttpClient client = wires.keep(wires.vertx.createHttpClient());
        HttpClientResponse reply = Await.get(
                "a reply",
                client.request(HttpMethod.POST, port, "127.0.0.1", "/realtime/" + path)
                        .compose(request -> request.putHeader("Content-Type", "application/json")
                                .send("{\"type\":\"hello\",\"versions\":[1]}")));
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.headers().getAll("x-host")).containsExactly("late");
        assertThat(reply.headers().getAll("vary")).containsExactly("Origin");
        assertThat(reply.getHeader("cache-control")).startsWith("no-store");
        reply.request().connection().close();
        Await.until("the end", () -> ended.get() == 1);
    }

    /** Asks as somebody for whom the host's handler sets no user. */
    private int statusOfAStranger(String wire, int port) {
        if (wire.equals("websocket")) {
            Future<WebSocket> connecting = wires.keep(wires.vertx.createWebSocketClient())
                    .connect(new WebSocketConnectOptions()
                            .setHost("127.0.0.1")
                            .setPort(port)
                            .setURI("/realtime/websocket")
                            .addHeader("x-user", "stranger"));
            Object opened = Await.get(
                    "a WebSocket, or none",
                    connecting
                            .<Object>map(socket -> socket)
                            .recover(failure -> failure instanceof UpgradeRejectedException rejected
                                    ? Future.succeededFuture(rejected.getStatus())
                                    : Future.failedFuture(failure)));
            if (!(opened instanceof WebSocket socket)) {
                return (Integer) opened;
            }
            Promise<Short> code = Promise.promise();
            socket.closeHandler(closed -> code.complete(socket.closeStatusCode()));
            socket.writeTextMessage("{\"type\":\"hello\",\"versions\":[1]}");
            // What 401 is on HTTP is 4001 here.
            return Await.get("the close", code.future()) == 4001 ? 401 : 0;
        }
        HttpClient client = wires.keep(wires.vertx.createHttpClient());
        String path = "/realtime/" + (wire.equals("sse") ? "sse" : "poll");
        return Await.get(
                "a reply",
                client.request(HttpMethod.POST, port, "127.0.0.1", path)
                        .compose(request -> request.putHeader("x-user", "stranger")
                                .putHeader("Content-Type", "application/json")
                                .send("{\"type\":\"hello\",\"versions\":[1]}"))
                        .map(HttpClientResponse::statusCode));
    }

    static List<String> wireNames() {
        return List.of("websocket", "sse", "longpoll");
    }
}
