package dev.polywire.session;

import dev.polywire.Principal;
import dev.polywire.RealtimeOptions;
import dev.polywire.TransportChoice;
import dev.polywire.channel.Faults;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Limits;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way in: opens sessions, attaches wires to them, and finds the session that a POST is for. */
final class Gateway implements SessionGateway {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

    private final Engine engine;

    Gateway(Engine engine) {
        this.engine = engine;
    }

    @Override
    public RealtimeOptions options() {
        return engine.options();
    }

    @Override
    public Future<Void> authenticate(Handshake who) {
        return engine.access().atHandshake(who);
    }

    @Override
    public Future<Attachment> attach(Handshake who, Buffer hello, Connection connection) {
        ContextInternal context = engine.here();
        Promise<Attachment> promise = context.promise();
        try {
            begin(who, hello, connection, context).onComplete(promise);
        } catch (Throwable e) {
            promise.fail(e);
            Faults.contain(e);
        }
        return promise.future();
    }

    private Future<Attachment> begin(Handshake who, Buffer bytes, Connection connection, ContextInternal context) {
        refuseWhenClosing();
        boolean bare = bytes.length() == 0 && who.resume() != null;
        ClientFrame.Hello hello = bare ? null : hello(who, bytes);
        ClientFrame.Resume resume = who.resume() != null ? who.resume() : hello == null ? null : hello.resume();
        String token = hello != null && hello.token() != null ? hello.token() : who.token();
        if (resume == null) {
            return open(who, need(hello), token, connection, context, null);
        }
        LiveSession session = engine.registry().find(resume.session(), resume.secret());
        if (session == null) {
            ErrorCode why = engine.registry().why(resume.session(), resume.secret(), engine.now());
            return reopen(who, hello, token, connection, context, why);
        }
        return resume(session, who, hello, resume, token, connection, context);
    }

    private void refuseWhenClosing() {
        if (engine.closing()) {
            throw new Refusal(ErrorCode.UNAVAILABLE, CloseReason.RESTART, "The server shuts down.", 1000, -1, null);
        }
    }

    private static ClientFrame.Hello need(ClientFrame.@Nullable Hello hello) {
        if (hello == null) {
            throw new Refusal(ErrorCode.BAD_FRAME, CloseReason.BAD_FRAME, "The first frame must be hello.");
        }
        return hello;
    }

    private ClientFrame.Hello hello(Handshake who, Buffer bytes) {
        FrameTrace.in("none", who.transport(), 0, bytes, options().session().frame());
        if (bytes.length() > options().session().frame()) {
            throw new Refusal(ErrorCode.TOO_LARGE, CloseReason.TOO_LARGE, "A frame is over the limit.");
        }
        try {
            if (engine.codec().decode(bytes) instanceof ClientFrame.Hello hello) {
                return hello;
            }
        } catch (ProtocolException e) {
            engine.counters().badFrame();
            LOG.info("bad_frame session=none code={}", e.code().wire());
            throw new Refusal(e.code(), CloseReason.BAD_FRAME, e.text());
        }
        throw new Refusal(ErrorCode.BAD_FRAME, CloseReason.BAD_FRAME, "The first frame must be hello.");
    }

    // ---- opening ---------------------------------------------------------------------------------------------------

    private Future<Attachment> reopen(
            Handshake who,
            ClientFrame.@Nullable Hello hello,
            @Nullable String token,
            Connection connection,
            ContextInternal context,
            ErrorCode why) {
        if (hello == null) {
            return Future.failedFuture(new Refusal(why, CloseReason.EXPIRED, "There is no such session."));
        }
        return open(who, hello, token, connection, context, why.wire());
    }

    private Future<Attachment> open(
            Handshake who,
            ClientFrame.Hello hello,
            @Nullable String token,
            Connection connection,
            ContextInternal context,
            @Nullable String reason) {
        int version = engine.versions().pick(hello.versions());
        if (version < 0) {
            throw new Refusal(
                    ErrorCode.UNSUPPORTED_VERSION,
                    CloseReason.UNSUPPORTED_VERSION,
                    "This server does not speak the client's protocol versions.",
                    0,
                    -1,
                    engine.versions().spoken());
        }
        TransportChoice.Offer offer = engine.offer(who, hello.capabilities());
        permit(offer, who);
        return engine.access()
                .authenticate(token, who)
                .compose(principal -> engine.access().connect(principal, who.transport()))
                .map(principal -> {
                    // Again: who it is may have taken a while to find out.
                    refuseWhenClosing();
                    return create(who, hello, version, principal, token, connection, context, offer, reason);
                });
    }

    private void permit(TransportChoice.Offer offer, Handshake who) {
        if (!offer.transports().contains(who.transport())) {
            throw new Refusal(
                    ErrorCode.NOT_OFFERED, CloseReason.NOT_OFFERED, "This transport is not offered to this client.");
        }
    }

    private Attachment create(
            Handshake who,
            ClientFrame.Hello hello,
            int version,
            Principal principal,
            @Nullable String token,
            Connection connection,
            ContextInternal context,
            TransportChoice.Offer offer,
            @Nullable String reason) {
        EventLoop loop = engine.loopOf(context);
        Codec codec = engine.versions().codecFor(version);
        LiveSession session = new LiveSession(
                engine,
                loop,
                new LiveSession.Opening(
                        Secrets.token(),
                        Secrets.token(),
                        hello.client(),
                        codec,
                        version,
                        principal,
                        token,
                        who.transport(),
                        offer));
        if (!engine.registry().opened(session, options().sessions())) {
            long later = 1000 + ThreadLocalRandom.current().nextLong(4000);
            throw new Refusal(ErrorCode.UNAVAILABLE, CloseReason.TRY_LATER, "The server is full.", later, -1, null);
        }
        engine.counters().opened();
        Wire wire = new Wire(connection, context, loop, who.transport());
        loop.run(() -> {
            session.commit(wire, null, welcome(session, true, reason));
            engine.hooks().connected(session, who);
            if (engine.closing()) {
                // It came in while those that were there were being counted.
                session.end(CloseReason.RESTART);
            }
        });
        return new Held(session, wire);
    }

    private ServerFrame.Welcome welcome(LiveSession session, boolean opened, @Nullable String reason) {
        var s = options().session();
        return new ServerFrame.Welcome(
                session.version(),
                session.id(),
                opened ? session.secret() : null,
                opened ? session.principal().id() : null,
                !opened,
                reason,
                0,
                0,
                session.heartbeat(),
                opened ? s.grace().toMillis() : 0,
                opened ? session.offer().transports() : null,
                opened ? new ServerFrame.Bounds(s.frame(), s.post(), s.window(), s.outbox(), s.channels()) : null);
    }

    // ---- resuming --------------------------------------------------------------------------------------------------

    private Future<Attachment> resume(
            LiveSession session,
            Handshake who,
            ClientFrame.@Nullable Hello hello,
            ClientFrame.Resume claim,
            @Nullable String token,
            Connection connection,
            ContextInternal context) {
        permit(hello == null ? session.offer() : engine.offer(who, hello.capabilities()), who);
        Wire wire = new Wire(connection, context, session.loop(), who.transport());
        Promise<SessionMachine.Verdict> decided = Promise.promise();
        session.loop().run(() -> {
            SessionMachine.Verdict verdict = session.check(claim);
            if (verdict != SessionMachine.Verdict.OK) {
                decided.complete(verdict);
                return;
            }
            engine.access()
                    .again(session, token, who)
                    .onComplete(fresh -> session.loop().run(() -> {
                        if (fresh.failed()) {
                            decided.fail(fresh.cause());
                        } else {
                            decided.complete(commit(session, wire, claim, token, fresh.result()));
                        }
                    }));
        });
        return decided.future().compose(verdict -> switch (verdict) {
            case OK -> Future.succeededFuture(new Held(session, wire));
            case STALE ->
                Future.failedFuture(new Refusal(
                        ErrorCode.STALE, CloseReason.STALE, "The attach number is not greater than the last one."));
            case LOST -> {
                session.loop().run(() -> session.end(CloseReason.LOST));
                yield reopen(who, hello, token, connection, context, ErrorCode.LOST);
            }
        });
    }

    private SessionMachine.Verdict commit(
            LiveSession session, Wire wire, ClientFrame.Resume claim, @Nullable String token, Access.Fresh fresh) {
        if (session.over()) {
            // It ended while its client was being looked at; LOST opens a new one, which is what is left to do.
            return SessionMachine.Verdict.LOST;
        }
        SessionMachine.Verdict verdict = session.check(claim);
        if (verdict == SessionMachine.Verdict.OK) {
            if (fresh.checked()) {
                session.authorized(fresh.principal(), token);
            }
            fresh.denied().forEach(session.memberships()::deny);
            verdict = session.commit(wire, claim, welcome(session, false, null));
        }
        return verdict;
    }

    private Refusal gone(String id, String secret) {
        return new Refusal(
                engine.registry().why(id, secret, engine.now()), CloseReason.EXPIRED, "There is no such session.");
    }

    // ---- the rest --------------------------------------------------------------------------------------------------

    @Override
    public Future<Long> receive(Handshake who, long firstSeq, Buffer frames) {
        ContextInternal context = engine.here();
        Promise<Long> promise = context.promise();
        String id = who.headers().get("Polywire-Session");
        String secret = who.headers().get("Polywire-Secret");
        if (id == null || secret == null) {
            promise.fail(new Refusal(
                    ErrorCode.BAD_FRAME,
                    CloseReason.BAD_FRAME,
                    "Polywire-Session and Polywire-Secret must name an open session."));
            return promise.future();
        }
        LiveSession session = engine.registry().find(id, secret);
        if (session == null) {
            promise.fail(gone(id, secret));
            return promise.future();
        }
        long handed = Numbers.header(who.headers(), "Polywire-Received", -1);
        session.loop().run(() -> {
            try {
                if (session.over()) {
                    // It ended while the POST was on its way to the session's loop.
                    throw gone(id, secret);
                }
                promise.complete(session.uplink().post(firstSeq, frames, handed));
            } catch (Throwable e) {
                promise.fail(e);
                Faults.contain(e);
            }
        });
        return promise.future();
    }

    @Override
    public Future<Reader> read(
            Handshake who, List<String> channels, @Nullable String cursor, boolean fromStart, Connection connection) {
        ContextInternal context = engine.here();
        Promise<Reader> promise = context.promise();
        try {
            for (String channel : channels) {
                if (!Limits.isChannel(channel)) {
                    throw new Refusal(ErrorCode.BAD_CHANNEL, CloseReason.BAD_FRAME, "This is not a channel name.");
                }
            }
            permit(engine.offer(who, Payload.NULL), who);
            engine.access()
                    .authenticate(who.token(), who)
                    .compose(principal -> engine.access().connect(principal, who.transport()))
                    .compose(principal ->
                            BareReader.begin(engine, principal, channels, cursor, fromStart, connection, context))
                    .onComplete(promise);
        } catch (Throwable e) {
            promise.fail(e);
            Faults.contain(e);
        }
        return promise.future();
    }

    @Override
    public @Nullable Buffer probe(Buffer frame) {
        if (frame.length() > 1024 || !engine.codec().scan(frame).type().equals("ping")) {
            return null;
        }
        try {
            return engine.codec().decode(frame) instanceof ClientFrame.Ping ping
                    ? engine.codec().encode(new ServerFrame.Pong(-1, ping.id()))
                    : null;
        } catch (ProtocolException e) {
            return null;
        }
    }

    @Override
    public JsonObject describe(Handshake who) {
        var s = options().session();
        return new JsonObject()
                .put("name", "polywire")
                .put("versions", new JsonArray(engine.versions().spoken()))
                .put("transports", new JsonArray(engine.offer(who, Payload.NULL).transports()))
                .put("codecs", new JsonArray().add("json"))
                .put("heartbeat", s.heartbeat().toMillis())
                .put(
                        "limits",
                        new JsonObject()
                                .put("frame", s.frame())
                                .put("post", s.post())
                                .put("window", s.window())
                                .put("outbox", s.outbox())
                                .put("channels", s.channels()));
    }

    /** A wire's hold on a session. */
    private record Held(LiveSession session, Wire wire) implements Attachment {
        @Override
        public void receive(Buffer frame) {
            session.loop().run(() -> session.uplink().receive(wire, frame));
        }

        @Override
        public void closed(CloseReason reason) {
            session.loop().run(() -> {
                LOG.debug(
                        "detached session={} transport={} reason={}",
                        session.id(),
                        wire.transport(),
                        reason.name().toLowerCase(Locale.ROOT));
                session.closed(wire);
            });
        }
    }
}
