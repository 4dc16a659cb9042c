package dev.polywire.session;

import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.Transport;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A whole engine without sockets: its wires are {@link PaperWire}s, and its clock stands still until the test moves it. */
final class OneNode implements AutoCloseable {
    static final String NONCE = "0123456789abcdef";

    final Vertx vertx = Vertx.vertx();
    final AtomicLong clock = new AtomicLong(1_000_000);
    final Realtime realtime;
    final Engine engine;
    private final Gateway gateway;
    /** The sessions that the application was told have ended, and why. */
    final List<String> ended = new CopyOnWriteArrayList<>();
    /** Happens once, in the middle of whatever asks for the time next. */
    final AtomicReference<@Nullable Runnable> interruption = new AtomicReference<>();
    /** Where wires and sessions live. */
    private final ContextInternal home = context();

    OneNode(RealtimeOptions options, Consumer<Realtime> setUp) {
        Assembly assembly = new Assembly(vertx, options.allowAnonymous(true), this::now);
        realtime = assembly;
        engine = assembly.engine();
        gateway = assembly.gateway();
        for (String name : List.of("websocket", "sse", "longpoll")) {
            realtime.transport(new Transport() {
                @Override
                public String name() {
                    return name;
                }

                @Override
                public void mount(Router router, SessionGateway gateway) {}
            });
        }
        realtime.onDisconnect((session, reason) -> ended.add(session.id() + ' ' + reason.wire()));
        setUp.accept(realtime);
        realtime.mount(Router.router(vertx));
    }

    Gateway gateway() {
        return gateway;
    }

    private long now() {
        Runnable task = interruption.getAndSet(null);
        if (task != null) {
            task.run();
        }
        return clock.get();
    }

    /** Makes a context on an event loop of its own. */
    ContextInternal context() {
        return ((VertxInternal) vertx).createEventLoopContext();
    }

    /** Runs something on a context and waits for it. */
    static <T> T on(ContextInternal context, Supplier<Future<T>> task) {
        Promise<T> promise = Promise.promise();
        context.runOnContext(run -> {
            try {
                task.get().onComplete(promise);
            } catch (RuntimeException e) {
                promise.fail(e);
            }
        });
        return Await.get("a task on a loop", promise.future());
    }

    /** Runs something where the sessions live. */
    <T> T here(Supplier<T> task) {
        return on(home, () -> Future.succeededFuture(task.get()));
    }

    /** Lets time go by, and everything happen that it brings. */
    void pass(long millis) {
        Promise<Void> marker = Promise.promise();
        here(() -> engine.loopOf(home).after(millis, marker::complete));
        clock.addAndGet(millis + TimerWheel.SLOT);
        Await.get("the wheel", marker.future());
    }

    /** Opens a session. */
    PaperWire open(PaperWire wire) {
        return open(wire, NONCE, null);
    }

    PaperWire open(PaperWire wire, String nonce, @Nullable String token) {
        return open(wire, 1, nonce, token);
    }

    PaperWire open(PaperWire wire, int version, String nonce, @Nullable String token) {
        JsonObject hello = new JsonObject()
                .put("type", "hello")
                .put("versions", new JsonArray().add(version))
                .put("client", nonce)
                .put("token", token);
        return attach(wire, hello);
    }

    /** Resumes the session of another wire; or opens a new one, and says why, when that is over. */
    PaperWire resume(PaperWire wire, PaperWire of, String secret, int attach, int received, int confirmed) {
        JsonObject hello = new JsonObject()
                .put("type", "hello")
                .put("versions", new JsonArray().add(1))
                .put("client", NONCE)
                .put(
                        "resume",
                        new JsonObject()
                                .put("session", of.id())
                                .put("secret", secret)
                                .put("attach", attach)
                                .put("received", received)
                                .put("confirmed", confirmed));
        return attach(wire, hello);
    }

    private PaperWire attach(PaperWire wire, JsonObject hello) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        Handshake who = new Handshake(wire.transport(), "127.0.0.1", "/", headers, null, null, null);
        wire.attachment = on(home, () -> gateway.attach(who, hello.toBuffer(), wire));
        Await.until("welcome", () -> !wire.written().isEmpty());
        return wire;
    }

    /** Sends frames by POST, from any context. */
    Future<Long> post(PaperWire of, long first, Buffer body) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap()
                .add("Polywire-Session", of.id())
                .add("Polywire-Secret", of.secret());
        Handshake who = new Handshake("send", "127.0.0.1", "/", headers, null, null, null);
        return gateway.receive(who, first, body);
    }

    /** Sends frames by POST and waits for the answer. */
    long posted(PaperWire of, long first, JsonObject... frames) {
        Buffer body = new JsonArray(List.of((Object[]) frames)).toBuffer();
        return on(home, () -> post(of, first, body));
    }

    /** Loses a wire, and waits until the session knows. */
    void lose(PaperWire wire) {
        Attachment held = wire.attachment;
        here(() -> {
            held.closed(CloseReason.NORMAL);
            return true;
        });
    }

    LiveSession session(PaperWire wire) {
        return engine.registry().get(wire.id());
    }

    boolean alive(PaperWire wire) {
        return engine.registry().get(wire.id()) != null;
    }

    static JsonObject frame(String type, @Nullable String id) {
        JsonObject frame = new JsonObject().put("type", type);
        return id == null ? frame : frame.put("id", id);
    }

    static JsonObject publish(@Nullable String id, String channel, Object payload) {
        return frame("publish", id).put("channel", channel).put("payload", payload);
    }

    @Override
    public void close() {
        Await.get("the end of Vert.x", vertx.close());
    }
}
