package dev.polywire.spi.http;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.StreamResetException;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a request's body up to a bound, whoever else has had it in hand before. */
final class Body {
    // A peer that is still sending does not read the refusal, and a reset would take it away: so much of the rest is
    // let go by.
    private static final int LET_GO = 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(Body.class);

    private final HttpServerRequest request;
    private final int limit;
    private final Promise<Buffer> whole = Promise.promise();
    private Buffer bytes = Buffer.buffer();
    private int letGo = LET_GO;

    private Body(HttpServerRequest request, int limit) {
        this.request = request;
        this.limit = limit;
    }

    /**
     * Reads a body of JSON.
     *
     * @param admission asked when the head is in order and before anything is read; may throw a {@link Refusal}
     * @return all of it, empty when there is none; fails with 408, 413 or 415
     */
    static Future<Buffer> read(RoutingContext context, SessionGateway gateway, int limit, Runnable admission) {
        HttpServerRequest request = context.request();
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        Body body = new Body(request, limit);
        if (type == null ? declared(request) > 0 : !isJson(type)) {
            return body.refuse(notJson());
        }
        if (declared(request) > limit) {
            return body.refuse(tooLarge(limit));
        }
        try {
            admission.run();
        } catch (Refusal refused) {
            return body.refuse(refused);
        }
        // A BodyHandler of the host has read it.
        if (context.body() != null && context.body().available()) {
            return checked(context.body().buffer(), type, limit);
        }
        if (request.isEnded()) {
            return Future.succeededFuture(Buffer.buffer());
        }
        return body.read(gateway).compose(bytes -> checked(bytes, type, limit));
    }

    private Future<Buffer> read(SessionGateway gateway) {
        long patience = gateway.options().session().heartbeat().toMillis();
        Runnable noLonger = gateway.after(patience, () -> whole.tryFail(tooSlow()));
        whole.future().onComplete(done -> noLonger.run());
        String expect = request.getHeader(HttpHeaders.EXPECT);
        if (expect != null && expect.equalsIgnoreCase("100-continue")) {
            request.response().writeContinue();
        }
        request.exceptionHandler(lost -> whole.tryFail(ofPeer(lost)));
        request.endHandler(end -> {
            // The request lives as long as its reply, which may be an event stream.
            request.handler(null).exceptionHandler(null).endHandler(null);
            whole.tryComplete(bytes);
        });
        request.handler(this::take);
        // A handler that came before and had to wait for something has paused it.
        request.resume();
        return whole.future();
    }

    /** What goes wrong with a request's stream is the peer's doing, and no fault that the log should have to tell of. */
    private static Throwable ofPeer(Throwable lost) {
        if (lost instanceof IOException) {
            LOG.debug("A peer was lost while its body was read cause={}", lost.toString());
            return new HttpClosedException("The peer was lost while its body was read");
        }
        if (lost instanceof HttpClosedException || lost instanceof StreamResetException) {
            return lost;
        }
        LOG.debug("A body cannot be read cause={}", lost.toString());
        return Handshakes.bad("The body cannot be read.");
    }

    private void take(Buffer chunk) {
        if (whole.future().isComplete()) {
            letGo -= chunk.length();
            if (letGo < 0) {
                NettyChannels.cut(request);
            }
        } else if (bytes.length() + chunk.length() > limit) {
            bytes = Buffer.buffer();
            whole.tryFail(tooLarge(limit));
        } else {
            bytes.appendBuffer(chunk);
        }
    }

    private Future<Buffer> refuse(Refusal refusal) {
        whole.tryFail(refusal);
        if (!request.isEnded()) {
            request.exceptionHandler(lost -> {});
            request.handler(this::take);
            request.resume();
        }
        return whole.future();
    }

    private static Future<Buffer> checked(@Nullable Buffer bytes, @Nullable String type, int limit) {
        if (bytes == null || bytes.length() == 0) {
            return Future.succeededFuture(Buffer.buffer());
        }
        if (bytes.length() > limit) {
            return Future.failedFuture(tooLarge(limit));
        }
        return type == null ? Future.failedFuture(notJson()) : Future.succeededFuture(bytes);
    }

    private static boolean isJson(String type) {
        int end = type.indexOf(';');
        String media = (end < 0 ? type : type.substring(0, end)).trim().toLowerCase(Locale.ROOT);
        return media.equals("application/json");
    }

    private static long declared(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length != null && length.matches("[0-9]{1,18}") ? Long.parseLong(length) : 0;
    }

    private static Refusal tooSlow() {
        return new Refusal(
                ErrorCode.REQUEST_TIMEOUT, CloseReason.AUTHENTICATION_TIMEOUT, "The body did not come in time.");
    }

    private static Refusal tooLarge(int limit) {
        return new Refusal(
                ErrorCode.TOO_LARGE,
                CloseReason.TOO_LARGE,
                "The body is over " + limit + " bytes; nothing of it counts.");
    }

    private static Refusal notJson() {
        return new Refusal(
                ErrorCode.UNSUPPORTED_MEDIA_TYPE, CloseReason.UNSUPPORTED_DATA, "A body is application/json.");
    }
}
