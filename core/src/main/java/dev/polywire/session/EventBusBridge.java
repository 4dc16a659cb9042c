package dev.polywire.session;

import dev.polywire.Channels;
import dev.polywire.Revocation;
import dev.polywire.Session;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Limits;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way in for the rest of an application: local event-bus consumers for publishing, sending, presence, history and
 * disconnecting. Local, so that a clustered Vert.x beside a cluster of engines does not deliver twice.
 */
final class EventBusBridge {
    private static final Logger LOG = LoggerFactory.getLogger(EventBusBridge.class);

    /** The failure code of replies to requests that cannot be met; the text begins with the stable code. */
    private static final int FAILED = 400;

    private final Engine engine;
    private final Facade facade;
    private final List<MessageConsumer<Object>> consumers = new ArrayList<>();

    EventBusBridge(Engine engine, Facade facade, Vertx vertx) {
        this.engine = engine;
        this.facade = facade;
        PayloadCodec.register(vertx.eventBus());
        String prefix = engine.options().eventBus().address();
        listen(vertx, prefix + ".publish", this::publish);
        listen(vertx, prefix + ".send", this::send);
        listen(vertx, prefix + ".presence", this::presence);
        listen(vertx, prefix + ".history", this::history);
        listen(vertx, prefix + ".disconnect", this::disconnect);
        listen(vertx, prefix + ".revoke", this::revoke);
        listen(
                vertx,
                prefix + ".restore",
                message -> facade.restore(revocation(object(message)))
                        .map(restored -> new JsonObject().put("restored", restored)));
        listen(vertx, prefix + ".stats", message -> Future.succeededFuture(engine.stats()));
    }

    private void listen(Vertx vertx, String address, Function<Message<Object>, Future<JsonObject>> action) {
        consumers.add(vertx.eventBus().localConsumer(address, message -> {
            Future<JsonObject> answer;
            try {
                answer = action.apply(message);
            } catch (ClassCastException | IllegalArgumentException | NullPointerException e) {
                answer = Future.failedFuture(
                        new ProtocolException(ErrorCode.BAD_FRAME, "The message does not have the members it needs."));
            } catch (ProtocolException e) {
                answer = Future.failedFuture(e);
            }
            answer.onSuccess(message::reply).onFailure(cause -> {
                ProtocolException told = cause instanceof ProtocolException refusal
                        ? refusal
                        : new ProtocolException(ErrorCode.INTERNAL, "The server failed.");
                if (told != cause) {
                    LOG.warn("event_bus failed address={}", address, cause);
                } else if (message.replyAddress() == null) {
                    // Whoever only sends would not hear of it.
                    LOG.warn(
                            "event_bus refused address={} code={}",
                            address,
                            told.code().wire());
                }
                message.fail(FAILED, told.code().wire() + ": " + told.text());
            });
        }));
    }

    /** With a header {@code channel} the body is the payload, of any kind; else it is an object that holds both. */
    private Future<JsonObject> publish(Message<Object> message) {
        String channel = message.headers().get("channel");
        Channels.Outgoing outgoing;
        if (channel != null) {
            outgoing = new Channels.Outgoing(
                    channel,
                    message.headers().get("event"),
                    message.body(),
                    message.headers().get("id"),
                    message.headers().get("key"),
                    Boolean.parseBoolean(message.headers().get("confirm")),
                    message.headers().get("traceId"));
        } else {
            JsonObject body = object(message);
            outgoing = new Channels.Outgoing(
                    text(body, "channel"),
                    body.getString("event"),
                    body.getValue("payload"),
                    body.getString("id"),
                    body.getString("key"),
                    body.getBoolean("confirm", false),
                    body.getString("traceId"));
        }
        return facade.channels().publish(outgoing).map(receipt -> {
            JsonObject reply = new JsonObject().put("duplicate", receipt.duplicate());
            Position position = receipt.position();
            return position == null ? reply : reply.put("position", json(position));
        });
    }

    private Future<JsonObject> send(Message<Object> message) {
        JsonObject body = object(message);
        String event = text(body, "event");
        Object given = body.getValue("payload");
        Payload payload = engine.sized(given == null ? new JsonObject() : given);
        Collection<Session> to = found(body);
        for (Session session : to) {
            session.send(event, payload);
        }
        return Future.succeededFuture(new JsonObject().put("sessions", to.size()));
    }

    private Future<JsonObject> disconnect(Message<Object> message) {
        JsonObject body = object(message);
        if (body.getString("session") == null) {
            return facade.disconnect(text(body, "user"), CloseReason.DISCONNECTED)
                    .map(count -> new JsonObject().put("sessions", count));
        }
        Collection<Session> which = found(body);
        List<Future<Void>> ending = new ArrayList<>();
        for (Session session : which) {
            ending.add(session.close(CloseReason.DISCONNECTED));
        }
        return Future.join(ending).map(done -> new JsonObject().put("sessions", which.size()));
    }

    private Future<JsonObject> revoke(Message<Object> message) {
        JsonObject body = object(message);
        Long millis = body.getLong("forMs");
        if (millis == null) {
            throw new ProtocolException(ErrorCode.BAD_FRAME, "The message must have a \"forMs\".");
        }
        return facade.revoke(revocation(body), Duration.ofMillis(millis))
                .map(ended -> new JsonObject().put("sessions", ended));
    }

    private static Revocation revocation(JsonObject body) {
        if (body.containsKey("session")) {
            return new Revocation.OneSession(text(body, "session"));
        }
        if (body.containsKey("token")) {
            return new Revocation.Token(text(body, "token"));
        }
        String user = text(body, "user");
        Long before = body.getLong("issuedBefore");
        return before == null ? new Revocation.User(user) : new Revocation.Issued(user, Instant.ofEpochMilli(before));
    }

    private Collection<Session> found(JsonObject body) {
        String id = body.getString("session");
        if (id != null) {
            Session session = facade.get(id);
            return session == null ? List.of() : List.of(session);
        }
        return facade.ofUser(text(body, "user"));
    }

    private Future<JsonObject> presence(Message<Object> message) {
        JsonObject body = object(message);
        boolean countOnly = body.getBoolean("count", false);
        return engine.hub().members(text(body, "channel"), countOnly).map(now -> {
            JsonObject reply = new JsonObject().put("count", now.count()).put("version", now.version());
            if (!countOnly) {
                JsonArray members = new JsonArray();
                for (ServerFrame.Member member : now.members()) {
                    members.add(new JsonObject()
                            .put("session", member.session())
                            .put("user", member.user())
                            .put("state", member.state().value())
                            .put("since", member.since()));
                }
                reply.put("members", members);
            }
            return reply;
        });
    }

    private Future<JsonObject> history(Message<Object> message) {
        JsonObject body = object(message);
        JsonObject since = body.getJsonObject("since");
        Position from = since == null ? null : new Position(text(since, "epoch"), since.getLong("offset"));
        int limit = body.getInteger("limit", 100);
        if (limit < 1) {
            throw new ProtocolException(ErrorCode.BAD_FRAME, "The limit must be at least 1.");
        }
        return engine.hub()
                .history(text(body, "channel"), from, limit, body.getBoolean("reverse", false))
                .map(EventBusBridge::json);
    }

    private static JsonObject json(Broker.Slice slice) {
        JsonArray messages = new JsonArray();
        for (ServerFrame.Message m : slice.messages()) {
            messages.add(new JsonObject()
                    .put("event", m.event())
                    .put("payload", m.payload().value())
                    .put("timestamp", m.timestamp())
                    .put("offset", m.offset())
                    .put("user", m.user()));
        }
        return new JsonObject()
                .put("messages", messages)
                .put("position", json(slice.top()))
                .put("complete", slice.complete())
                .put("more", slice.more());
    }

    private static JsonObject json(Position position) {
        return new JsonObject().put("epoch", position.epoch()).put("offset", position.offset());
    }

    private static JsonObject object(Message<Object> message) {
        if (message.body() instanceof JsonObject body) {
            return body;
        }
        throw new ProtocolException(ErrorCode.BAD_FRAME, "The message must be a JSON object.");
    }

    private static String text(JsonObject body, String name) {
        Object value = body.getValue(name);
        if (value instanceof String text && !text.isEmpty()) {
            if (name.equals("channel") && !Limits.isChannel(text)) {
                throw new ProtocolException(ErrorCode.BAD_CHANNEL, "This is not a channel name.");
            }
            return text;
        }
        throw new ProtocolException(ErrorCode.BAD_FRAME, "The message must have a \"" + name + "\".");
    }

    /** Stops listening. */
    Future<Void> close() {
        List<Future<Void>> closing = new ArrayList<>();
        for (MessageConsumer<Object> consumer : consumers) {
            closing.add(consumer.unregister());
        }
        return Future.join(closing).mapEmpty();
    }
}
