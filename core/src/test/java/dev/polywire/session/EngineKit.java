package dev.polywire.session;

import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Batch;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.Transport;
import dev.polywire.spi.WireFormat;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** An engine without sockets: the test is its transport, and its time stands still until the test lets it pass. */
abstract class EngineKit {
    final Vertx vertx = Vertx.vertx();
    final AtomicLong now = new AtomicLong(1_000);
    final RealtimeOptions options = new RealtimeOptions().allowAnonymous(true).transports(List.of("near"));
    private @Nullable Assembly made;
    private @Nullable SessionGateway gateway;

    @AfterEach
    void close() {
        if (made != null) {
            Await.get("the engine's end", made.close().map(true));
        }
        Await.get("the end", vertx.close().map(true));
    }

    /** The engine, to be set up before the first client comes. */
    Assembly realtime() {
        if (made == null) {
            made = new Assembly(vertx, options, now::get);
            made.transport(new Near());
        }
        return made;
    }

    /** What a call of a stand-in does; {@code real} does what the real thing does. */
    interface Call {
        Object answer(Method method, Object[] arguments, Callable<Object> real) throws Exception;
    }

    /** Makes something that does what the real thing does, but for what the test wants otherwise. */
    static <T> T standIn(Class<T> type, T real, Call call) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> call.answer(method, arguments, () -> method.invoke(real, arguments))));
    }

    private SessionGateway gateway() {
        if (gateway == null) {
            realtime().mount(Router.router(vertx));
        }
        return Objects.requireNonNull(gateway);
    }

    /** Lets time pass, and a little more: deadlines are met late by at most a slot. */
    void pass(long millis) {
        now.addAndGet(millis + TimerWheel.SLOT);
    }

    /** The only session, or one of them. */
    LiveSession session() {
        return (LiveSession) realtime().sessions().all().iterator().next();
    }

    /** Lets time pass for a session, and returns when all its deadlines until then are over. */
    void pass(LiveSession session, long millis) {
        Promise<Boolean> over = Promise.promise();
        Promise<Boolean> set = Promise.promise();
        session.loop().execute(() -> {
            session.loop().after(millis, () -> over.complete(true));
            set.complete(true);
        });
        Await.get("the deadline", set.future());
        pass(millis);
        Await.get("the time", over.future());
    }

    private final class Near implements Transport {
        @Override
        public String name() {
            return "near";
        }

        @Override
        public void mount(Router router, SessionGateway to) {
            gateway = to;
        }
    }

    /** Mounts the engine, which the first client does otherwise. */
    SessionGateway mounted() {
        return gateway();
    }

    Peer open() {
        return open(vertx.getOrCreateContext());
    }

    Peer open(Context context) {
        Peer peer = new Peer(context);
        Await.get("the session", peer.attach("{\"type\":\"hello\",\"versions\":[1]}"));
        peer.await("welcome");
        return peer;
    }

    /** A client's end of a connection, and the connection itself. */
    class Peer implements Connection {
        final Context context;
        final List<JsonObject> frames = new CopyOnWriteArrayList<>();
        final List<CloseReason> closes = new CopyOnWriteArrayList<>();
        volatile boolean broken;
        private @Nullable Attachment attachment;

        Peer(Context context) {
            this.context = context;
        }

        Future<Attachment> attach(String hello) {
            SessionGateway to = gateway();
            Handshake who = new Handshake("near", "here", "/", MultiMap.caseInsensitiveMultiMap(), null, null, null);
            Promise<Attachment> promise = Promise.promise();
            context.runOnContext(on -> to.attach(who, Buffer.buffer(hello), this)
                    .onSuccess(given -> attachment = given)
                    .onComplete(promise));
            return promise.future();
        }

        /** Attaches as a poll does, with nothing but the session's secret. */
        Future<Attachment> poll(ClientFrame.Resume claim) {
            SessionGateway to = gateway();
            Handshake who = new Handshake("near", "here", "/", MultiMap.caseInsensitiveMultiMap(), null, null, claim);
            Promise<Attachment> promise = Promise.promise();
            context.runOnContext(on -> to.attach(who, Buffer.buffer(), this).onComplete(promise));
            return promise.future();
        }

        void say(JsonObject frame) {
            context.runOnContext(on -> Objects.requireNonNull(attachment).receive(frame.toBuffer()));
        }

        void say(String frame) {
            say(new JsonObject(frame));
        }

        /** The connection is gone. */
        void cut() {
            context.runOnContext(on -> Objects.requireNonNull(attachment).closed(CloseReason.NORMAL));
        }

        /** Attaches another connection to this one's session, having received so many counted frames. */
        Peer resume(int attach, int received) {
            JsonObject welcome = await("welcome");
            Peer next = new Peer(context);
            JsonObject claim = new JsonObject()
                    .put("session", welcome.getString("session"))
                    .put("secret", welcome.getString("secret"))
                    .put("attach", attach)
                    .put("received", received)
                    .put("confirmed", 0);
            JsonObject hello = new JsonObject()
                    .put("type", "hello")
                    .put("versions", new JsonArray().add(1))
                    .put("resume", claim);
            Await.get("the resumed session", next.attach(hello.encode()));
            next.await("welcome");
            return next;
        }

        /** Waits for a frame of a type. */
        JsonObject await(String type) {
            return await(type, frame -> frame.getString("type").equals(type));
        }

        JsonObject await(String what, Predicate<JsonObject> wanted) {
            Await.until(what + " among " + frames, () -> frames.stream().anyMatch(wanted));
            return frames.stream().filter(wanted).findFirst().orElseThrow();
        }

        /** Waits for the answer to an id. */
        JsonObject answer(String id) {
            return await("an answer to " + id, frame -> id.equals(frame.getString("id")));
        }

        long count(String type) {
            return frames.stream()
                    .filter(frame -> frame.getString("type").equals(type))
                    .count();
        }

        /** Returns when everything that waits for this peer's loop has run. */
        void settle() {
            for (int i = 0; i < 4; i++) {
                Promise<Boolean> promise = Promise.promise();
                context.runOnContext(on -> promise.complete(true));
                Await.get("the loop", promise.future());
            }
        }

        @Override
        public WireFormat format() {
            return WireFormat.JSON;
        }

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public Future<Void> send(Batch batch) {
            if (broken) {
                throw new IllegalStateException("thrown by a test");
            }
            batch.frames().forEach(frame -> frames.add(frame.toJsonObject()));
            return Future.succeededFuture();
        }

        @Override
        public Future<Void> close(CloseReason reason) {
            closes.add(reason);
            return Future.succeededFuture();
        }
    }
}
