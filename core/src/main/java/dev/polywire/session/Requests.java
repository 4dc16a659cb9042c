package dev.polywire.session;

import dev.polywire.EventBusOptions;
import dev.polywire.RequestHandler;
import dev.polywire.channel.Faults;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers what clients ask: handlers that were set in code come first, then permitted event-bus addresses, and nothing else. */
final class Requests {
    private static final Logger LOG = LoggerFactory.getLogger(Requests.class);

    private final Vertx vertx;
    private final EventBusOptions bus;
    private final long longest;
    private final Map<String, RequestHandler> handlers = new ConcurrentHashMap<>();

    Requests(Vertx vertx, EventBusOptions bus, long longest) {
        this.vertx = vertx;
        this.bus = bus;
        this.longest = longest;
    }

    void handler(String address, RequestHandler handler) {
        handlers.put(address, handler);
    }

    /** Answers one request; a failure is a {@link ProtocolException}, whose text a client may read. */
    Future<Payload> answer(LiveSession session, ClientFrame.Request request) {
        long timeout = request.timeout() <= 0 ? longest : Math.min(request.timeout(), longest);
        RequestHandler handler = handlers.get(request.address());
        Future<Payload> answer;
        if (handler != null) {
            try {
                answer = handler.handle(session, request.payload()).map(Payload::of);
            } catch (Throwable e) {
                Faults.contain(e);
                answer = Future.failedFuture(e);
            }
            if (!answer.isComplete()) {
                answer = answer.timeout(timeout, TimeUnit.MILLISECONDS);
            }
        } else if (bus.enabled() && bus.permits(request.address())) {
            answer = overBus(session, request, timeout);
        } else {
            answer = Future.failedFuture(new ProtocolException(ErrorCode.NOT_FOUND, "There is no such address."));
        }
        return answer.recover(cause -> Future.failedFuture(told(cause, request.address())));
    }

    private Future<Payload> overBus(LiveSession session, ClientFrame.Request request, long timeout) {
        DeliveryOptions options = new DeliveryOptions().setSendTimeout(timeout).addHeader("session", session.id());
        String user = session.principal().id();
        if (user != null) {
            options.addHeader("user", user);
        }
        if (request.traceId() != null) {
            options.addHeader("traceId", request.traceId());
        }
        return vertx.eventBus()
                .<Object>request(request.address(), request.payload().value(), options)
                .map(message -> Payload.of(message.body()));
    }

    private static ProtocolException told(Throwable cause, String address) {
        if (cause instanceof ProtocolException refusal) {
            return refusal;
        }
        if (cause instanceof TimeoutException) {
            return new ProtocolException(ErrorCode.TIMEOUT, "No answer in time.");
        }
        if (cause instanceof ReplyException reply) {
            if (reply.failureType() == ReplyFailure.TIMEOUT) {
                return new ProtocolException(ErrorCode.TIMEOUT, "No answer in time.");
            }
            if (reply.failureType() == ReplyFailure.NO_HANDLERS) {
                return new ProtocolException(ErrorCode.UNAVAILABLE, "Nobody answers at this address now.");
            }
            // What a recipient fails with on purpose is meant for who asked.
            String text = reply.getMessage();
            return new ProtocolException(ErrorCode.UNAVAILABLE, text == null ? "Refused." : text);
        }
        LOG.warn("request failed address={}", Logged.line(address), cause);
        return new ProtocolException(ErrorCode.INTERNAL, "The server failed.");
    }
}
