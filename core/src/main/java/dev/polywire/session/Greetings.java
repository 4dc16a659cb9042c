package dev.polywire.session;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Handshake;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** What a client is told first: by {@code welcome} on a connection, and by {@code GET} of the mount path before it has one. */
final class Greetings {
    private Greetings() {}

    /** Returns the welcome of a new session, and why it is not the one that was asked for. */
    static ServerFrame.Welcome opened(LiveSession session, @Nullable String reason) {
        return welcome(session, true, reason);
    }

    /** Returns the welcome of a session that goes on. */
    static ServerFrame.Welcome resumed(LiveSession session) {
        return welcome(session, false, null);
    }

    private static ServerFrame.Welcome welcome(LiveSession session, boolean opened, @Nullable String reason) {
        var s = session.engine().options().session();
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

    /** Returns what the server offers to a client. */
    static JsonObject describe(Engine engine, Handshake who) {
        var s = engine.options().session();
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
}
