package dev.polywire.spi.http;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request at an endpoint, with what all transports over HTTP do alike. */
public final class Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private static final String VARY = HttpHeaders.VARY.toString();
    private static final String TRANSFER_ENCODING = HttpHeaders.TRANSFER_ENCODING.toString();

    private final SessionGateway gateway;
    private final TrustedProxies proxies;
    private final Cors.Verdict verdict;
    private final Vertx vertx;
    private final HttpServerResponse response;
    private final HttpConnection connection;
    private final HttpVersion version;

    /** Null once it was let go of. */
    private @Nullable RoutingContext context;

    Exchange(RoutingContext context, SessionGateway gateway, TrustedProxies proxies, Cors.Verdict verdict) {
        this.context = context;
        this.gateway = gateway;
        this.proxies = proxies;
        this.verdict = verdict;
        this.vertx = context.vertx();
        this.response = context.response();
        this.connection = context.request().connection();
        this.version = context.request().version();
    }

    private RoutingContext context() {
        RoutingContext routed = context;
        if (routed == null) {
            throw new IllegalStateException("The request was let go of.");
        }
        return routed;
    }

    /**
     * Lets go of the request, and of what routed it here, which a reply that waits would keep for as long. Only {@link #gateway},
     * {@link #vertx}, {@link #response}, {@link #reply} and {@link #refuse} may be called from now on.
     */
    public void letGo() {
        RoutingContext routed = context;
        if (routed != null) {
            context = null;
            if (version == HttpVersion.HTTP_1_1) {
                Handshakes.forget(routed.request().headers());
            }
        }
    }

    /**
     * Returns the way into the sessions.
     *
     * @return never null
     */
    public SessionGateway gateway() {
        return gateway;
    }

    /**
     * Returns the Vert.x that serves the request.
     *
     * @return never null
     */
    public Vertx vertx() {
        return vertx;
    }

    /**
     * Returns the request.
     *
     * @return never null
     */
    public HttpServerRequest request() {
        return context().request();
    }

    /**
     * Returns the response.
     *
     * @return never null
     */
    public HttpServerResponse response() {
        return response;
    }

    /**
     * Reads who asks, when no session is named.
     *
     * @param transport the transport's name
     * @return a handshake without resume
     */
    public Handshake visitor(String transport) {
        return Handshakes.of(context(), gateway.options().auth(), proxies, transport, verdict, null);
    }

    /**
     * Reads who asks and which session the headers name.
     *
     * @param transport the transport's name
     * @param attaching whether the request attaches, so that a resume must state its attach number
     * @return a handshake, with a resume when the request has {@code Polywire-Session}
     * @throws Refusal {@code bad_frame} for headers that cannot be read
     */
    public Handshake member(String transport, boolean attaching) {
        return Handshakes.of(
                context(),
                gateway.options().auth(),
                proxies,
                transport,
                verdict,
                Handshakes.resume(request().headers(), attaching));
    }

    /**
     * Reads the number of the body's first counted frame.
     *
     * @return 0 when it is not stated
     * @throws Refusal {@code bad_frame} when it cannot be read
     */
    public long first() {
        return Handshakes.number(request().headers(), Handshakes.FIRST);
    }

    /**
     * Reads a number of the query.
     *
     * @param name its name
     * @param otherwise what holds when it is missing
     * @return never negative
     * @throws Refusal {@code bad_frame} when it cannot be read
     */
    public long number(String name, long otherwise) {
        // Most polls ask for one number and nothing else: that needs no map.
        String query = request().query();
        long only = query == null ? -1 : Handshakes.only(name, query);
        if (only >= 0) {
            return only;
        }
        String value = query(name);
        return value == null ? otherwise : Handshakes.number(name, value);
    }

    /**
     * Reads a text of the query.
     *
     * @param name its name
     * @return the first value, or null
     */
    public @Nullable String query(String name) {
        return context().queryParams().get(name);
    }

    /**
     * Reads the channels of a bare read.
     *
     * @return as many as the query names
     */
    public List<String> channels() {
        return context().queryParam("channel");
    }

    /**
     * Reads the body.
     *
     * @param limit the most bytes
     * @return all of it, empty when there is none; fails with a {@link Refusal} when it is too large or no JSON by its type
     */
    public Future<Buffer> body(int limit) {
        return body(limit, () -> {});
    }

    /**
     * Reads the body of who is let in.
     *
     * @param limit the most bytes
     * @param admission asked when the head is in order and before anything is read; what it throws is the answer
     * @return as {@link #body(int)}; fails with a {@link Refusal} of the admission's, too
     */
    Future<Buffer> body(int limit, Runnable admission) {
        return Body.read(context(), gateway, limit, admission);
    }

    /**
     * Answers with JSON.
     *
     * @param status the status
     * @param body the whole reply
     * @return completes when it was written; fails when the peer is gone or was answered before
     */
    public Future<Void> reply(int status, Buffer body) {
        if (response.headWritten() || response.ended() || response.closed()) {
            return Future.failedFuture(new HttpClosedException("The exchange is over"));
        }
        Heads.put(version, response, body.length());
        return response.setStatusCode(status).end(body);
    }

    /**
     * Answers with JSON that the caller has laid out, so that nothing copies it on its way to the socket.
     *
     * @param status the status
     * @param body the whole reply, in a buffer that belongs to the exchange from here on
     * @return completes when it was written; fails when the peer is gone or was answered before
     */
    public Future<Void> reply(int status, ByteBuf body) {
        Future<Void> written;
        try {
            written = reply(status, BufferInternal.buffer(body));
        } catch (Throwable e) {
            body.release();
            throw e;
        }
        // Vert.x never releases what it writes, since a buffer may be written more than once.
        if (written.isComplete()) {
            body.release();
        } else {
            written.onComplete(done -> body.release());
        }
        return written;
    }

    /**
     * Answers that the connection is closed before it carried anything.
     *
     * @param reason why
     * @return completes when it was written
     */
    public Future<Void> reply(CloseReason reason) {
        JsonObject body = new JsonObject().put("code", reason.wire()).put("message", "The connection was closed.");
        return reply(reason.status(), body.toBuffer());
    }

    /**
     * Answers that something was refused, or went wrong.
     *
     * @param cause a {@link Refusal}, or a fault: that one is logged, and the peer learns nothing of it
     */
    public void refuse(Throwable cause) {
        if (cause instanceof HttpClosedException || cause instanceof StreamResetException) {
            return;
        }
        Refusal refusal = refusal(cause);
        if (refusal.retryAfter() > 0 && !response().headWritten()) {
            long seconds = (refusal.retryAfter() + 999) / 1000;
            response().putHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
        }
        if (refusal.status() == 401 && !response().headWritten()) {
            response().putHeader("WWW-Authenticate", "Bearer");
        }
        reply(refusal.status(), refusal.toJson().toBuffer());
    }

    /**
     * Turns any failure into something that may be told.
     *
     * @param cause the failure; logged unless it is an answer by itself
     * @return never null
     */
    public static Refusal refusal(Throwable cause) {
        if (cause instanceof Refusal refusal) {
            return refusal;
        }
        if (cause instanceof ProtocolException bad) {
            return new Refusal(bad.code(), CloseReason.BAD_FRAME, bad.text(), bad.retryAfter(), -1, null);
        }
        if (cause instanceof HttpException http && http.getStatusCode() / 100 == 4) {
            // The host's router could not read the request, its query for example; anybody can send such a one.
            return Handshakes.bad("The request cannot be read.");
        }
        LOG.error("A request failed", cause);
        return new Refusal(ErrorCode.INTERNAL, CloseReason.TRY_LATER, "The server failed.");
    }

    /**
     * Makes headers that many replies may share.
     *
     * @param headers what is to be sent besides {@code Vary}
     * @return for {@link #head}; not to be changed
     */
    public static MultiMap shared(MultiMap headers) {
        return Heads.shared(headers);
    }

    /**
     * Sets headers of the reply.
     *
     * @param shared made by {@link #shared}; a {@code Transfer-Encoding} among them is left out where it is not for an endpoint to set,
     *     and to be asked for with {@link HttpServerResponse#setChunked}
     */
    public void head(MultiMap shared) {
        if (!Heads.put(version, response, shared)) {
            shared.forEach((name, value) -> {
                if (!name.equals(VARY) && !name.equals(TRANSFER_ENCODING)) {
                    response.putHeader(name, value);
                }
            });
        }
    }

    /**
     * Calls back when the peer goes away before it was answered in full.
     *
     * @param gone called at most once, later, on the request's context
     * @return what to run when nobody needs to be called back any more
     */
    public Runnable onLost(Runnable gone) {
        Watch watch = Watch.of(vertx, version, connection, gone);
        if (watch != null) {
            return watch;
        }
        // Not response().closeHandler(): it has one place only, and a handler of the host may sit there.
        context().addEndHandler(end -> {
            if (end.failed()) {
                gone.run();
            }
        });
        return () -> {};
    }

    /** Ends the reply at once, whatever is still unwritten. */
    void cut() {
        NettyChannels.cut(version, connection, response);
    }
}
