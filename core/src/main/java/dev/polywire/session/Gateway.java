package dev.polywire.session;

import dev.polywire.Principal;
import dev.polywire.RealtimeOptions;
import dev.polywire.TransportChoice;
import dev.polywire.channel.Faults;
import dev.polywire.limit.Tab;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.http.SendEndpoint;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way in: opens sessions, attaches wires to them, and finds the session that a POST is for. */
final class Gateway implements SessionGateway {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

    private final Engine engine;
    private final Resuming resuming;

    Gateway(Engine engine) {
        this.engine = engine;
        this.resuming = new Resuming(engine, this);
    }

    @Override
    public RealtimeOptions options() {
        return engine.options();
    }

    @Override
    public void admit(Handshake who) {
        if (!who.transport().equals(SendEndpoint.NAME)) {
            engine.admission().connect(who);
            return;
        }
        ClientFrame.Resume named = who.resume();
        Elsewhere elsewhere = named == null ? null : elsewhere(named.session(), named.secret());
        if (named != null && elsewhere != null) {
            elsewhere.admit(who, named);
        } else if (named == null || engine.registry().find(named.session(), named.secret()) == null) {
            // Who does not know a session can only be held to what its address may.
            engine.admission().connect(who);
            throw named == null ? unnamed() : gone(named.session(), named.secret());
        }
    }

    @Override
    public Future<Handshake> authenticate(Handshake who) {
        return engine.here(engine.access().atHandshake(who));
    }

    @Override
    public Future<Attachment> attach(Handshake who, Buffer hello, Connection connection) {
        ContextInternal context = engine.here();
        try {
            Future<Attachment> begun =
                    engine.admission().poll(who, connection, () -> begin(who, hello, connection, context));
            if (begun.isComplete()) {
                // Nothing had to be waited for, so that this is the request's context still.
                return begun;
            }
            Promise<Attachment> promise = context.promise();
            begun.onComplete(promise);
            return promise.future();
        } catch (Throwable e) {
            Faults.contain(e);
            return context.failedFuture(e);
        }
    }

    private Future<Attachment> begin(Handshake who, Buffer bytes, Connection connection, ContextInternal context) {
        engine.admission().refuseWhenClosing();
        boolean bare = bytes.length() == 0 && who.resume() != null;
        ClientFrame.Hello hello = bare ? null : hello(who, bytes);
        ClientFrame.Resume resume = who.resume() != null ? who.resume() : hello == null ? null : hello.resume();
        String token = hello != null && hello.token() != null ? hello.token() : who.token();
        if (resume == null) {
            return open(who, need(hello), token, connection, context, null);
        }
        LiveSession session = engine.registry().find(resume.session(), resume.secret());
        if (session == null) {
            Elsewhere elsewhere = elsewhere(resume.session(), resume.secret());
            if (elsewhere != null) {
                return elsewhere.attach(who, hello, bytes, resume, token, connection, context);
            }
            if (bare && !connection.streams()) {
                // A poll is no connection only as long as it belongs to a session, which bounds its polls.
                engine.admission().connect(who);
            }
            ErrorCode why = engine.registry().why(resume.session(), resume.secret(), engine.now());
            return reopen(who, hello, token, connection, context, why);
        }
        return resuming.resume(session, who, hello, resume, token, connection, context);
    }

    /** Attaches a poll that has come to another node, where a new session is opened if that is to be. On the session's loop. */
    Future<Attachment> resume(
            LiveSession session,
            Handshake who,
            Buffer bytes,
            ClientFrame.Resume claim,
            RemoteConnection connection,
            ContextInternal context) {
        engine.admission().refuseWhenClosing();
        ClientFrame.Hello hello = bytes.length() == 0 ? null : hello(who, bytes);
        return resuming.resume(session, who, hello, claim, who.token(), connection, context);
    }

    /** Returns who attaches wires to sessions that are here. */
    Resuming resuming() {
        return resuming;
    }

    /** Returns who is to be asked for a session that may be on another node; null when it is here, has ended here, or there is only this one. */
    private @Nullable Elsewhere elsewhere(String id, String secret) {
        Nodes nodes = engine.nodes();
        return nodes == null
                        || engine.registry().get(id) != null
                        || engine.registry().why(id, secret, engine.now()) != ErrorCode.UNKNOWN
                ? null
                : nodes.elsewhere();
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

    Future<Attachment> reopen(
            Handshake who,
            ClientFrame.@Nullable Hello hello,
            @Nullable String token,
            Connection connection,
            ContextInternal context,
            ErrorCode why) {
        if (hello == null || connection instanceof RemoteConnection) {
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
        engine.admission().refuseWhenDraining();
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
        engine.admission().open(who);
        Future<Principal> let = engine.admission().known(who, engine.access().admit(token, who, hello.client()));
        if (let.succeeded()) {
            return Future.succeededFuture(
                    create(who, hello, version, let.result(), token, connection, context, offer, reason));
        }
        return let.map(principal -> create(who, hello, version, principal, token, connection, context, offer, reason));
    }

    void permit(TransportChoice.Offer offer, Handshake who) {
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
        // Again: who it is may have taken a while to find out, and the application may have closed the engine
        // meanwhile.
        engine.admission().refuseWhenClosing();
        EventLoop loop = engine.loopOf(context);
        Codec codec = engine.versions().codecFor(version);
        Tab tab = engine.admission().enterNew(who, principal);
        LiveSession session = new LiveSession(
                engine,
                loop,
                new LiveSession.Opening(
                        engine.newId(),
                        Secrets.token(),
                        hello.client(),
                        codec,
                        version,
                        principal,
                        token,
                        who.transport(),
                        offer,
                        tab));
        if (!engine.registry().opened(session, options().limits().sessions())) {
            tab.leave();
            throw Admission.full();
        }
        engine.counters().opened();
        Wire wire = new Wire(connection, context, loop, who.transport());
        loop.run(() -> {
            session.commit(wire, null, Greetings.opened(session, reason));
            engine.hooks().connected(session, who);
            if (engine.closing()) {
                // It came in while those that were there were being counted.
                session.end(CloseReason.RESTART);
            }
            engine.access().expel(session);
        });
        return new Held(session, wire);
    }

    private static Refusal unnamed() {
        return new Refusal(
                ErrorCode.BAD_FRAME,
                CloseReason.BAD_FRAME,
                "Polywire-Session and Polywire-Secret must name an open session.");
    }

    Refusal gone(String id, String secret) {
        ErrorCode why = engine.registry().why(id, secret, engine.now());
        Moves moves = engine.moves();
        // What is on its way to or from this node is not gone, and nobody must take it for that.
        if (why != ErrorCode.UNKNOWN || moves == null) {
            return Whereabouts.none(why);
        }
        return moves.onItsWay(id) ? Nodes.later() : moves.owned().nothing(id);
    }

    // ---- the rest --------------------------------------------------------------------------------------------------

    @Override
    public Future<Long> receive(Handshake who, long firstSeq, Buffer frames) {
        ContextInternal context = engine.here();
        Promise<Long> promise = context.promise();
        String id = who.headers().get("Polywire-Session");
        String secret = who.headers().get("Polywire-Secret");
        if (id == null || secret == null) {
            promise.fail(unnamed());
            return promise.future();
        }
        long handed = Numbers.header(who.headers(), "Polywire-Received", -1);
        LiveSession session = engine.registry().find(id, secret);
        Elsewhere elsewhere = session == null ? elsewhere(id, secret) : null;
        if (session != null) {
            post(session, firstSeq, frames, handed).onComplete(promise);
        } else if (elsewhere != null) {
            elsewhere.post(id, secret, firstSeq, handed, frames).onComplete(promise);
        } else {
            promise.fail(gone(id, secret));
        }
        return promise.future();
    }

    /** Has a session take a POST, from any thread. */
    Future<Long> post(LiveSession session, long first, Buffer frames, long handed) {
        Promise<Long> promise = Promise.promise();
        session.loop().run(() -> {
            try {
                if (session.over()) {
                    // It ended while the POST was on its way to the session's loop, or went to another node.
                    throw session.hasMoved() ? Nodes.later() : gone(session.id(), session.secret());
                }
                promise.complete(session.uplink().post(first, frames, handed));
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
                if (!engine.isChannel(channel)) {
                    throw new Refusal(ErrorCode.BAD_CHANNEL, CloseReason.BAD_FRAME, "This is not a channel name.");
                }
            }
            permit(engine.offer(who, Payload.NULL), who);
            engine.admission()
                    .read(
                            who,
                            () -> engine.access()
                                    .admit(who.token(), who, null)
                                    .compose(principal -> BareReader.begin(
                                            engine, principal, channels, cursor, fromStart, connection, context)))
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
    public Runnable after(long millis, Runnable task) {
        ContextInternal context = engine.here();
        return engine.loopOf(context).after(millis, () -> context.emit(nothing -> task.run()))::cancel;
    }

    @Override
    public JsonObject describe(Handshake who) {
        return Greetings.describe(engine, who);
    }

    /** A wire's hold on a session. */
    record Held(LiveSession session, Wire wire) implements Attachment {
        @Override
        public void receive(Buffer frame) {
            session.loop().run(() -> session.uplink().receive(wire, frame));
        }

        @Override
        public void closed(CloseReason reason) {
            session.loop().run(() -> {
                if (LOG.isDebugEnabled()) {
                    LOG.debug(
                            "detached session={} transport={} reason={}",
                            session.id(),
                            wire.transport(),
                            reason.name().toLowerCase(Locale.ROOT));
                }
                session.closed(wire);
            });
        }
    }
}
