package dev.polywire.session;

import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import org.jspecify.annotations.Nullable;

/** Decides about requests for sessions that are not on this node, and are not known to have ended here. Safe for all threads. */
final class Elsewhere {
    private final Engine engine;
    private final Gateway gateway;
    private final Nodes nodes;

    Elsewhere(Engine engine, Gateway gateway, Nodes nodes) {
        this.engine = engine;
        this.gateway = gateway;
        this.nodes = nodes;
    }

    /** Lets the body of a POST be read; charges it to its address when nobody has confirmed its session yet. */
    void admit(Handshake who, ClientFrame.Resume named) {
        if (!nodes.relay().whereabouts().knows(named.session(), named.secret())) {
            engine.admission().connect(who);
        }
    }

    /** Attaches a connection: a poll where the session is (rule 36). */
    Future<Attachment> attach(
            Handshake who,
            ClientFrame.@Nullable Hello hello,
            Buffer bytes,
            ClientFrame.Resume claim,
            @Nullable String token,
            Connection connection,
            ContextInternal context) {
        if (connection.streams()) {
            // Until sessions move: the client opens another one, and recovers by its positions.
            return gateway.reopen(who, hello, token, connection, context, ErrorCode.UNKNOWN);
        }
        if (hello != null) {
            gateway.permit(engine.offer(who, hello.capabilities()), who);
        } else if (!nodes.relay().whereabouts().knows(claim.session(), claim.secret())) {
            // A poll is no connection only as long as it belongs to a session, which bounds its polls.
            engine.admission().connect(who);
        }
        return nodes.relay()
                .attach(who, claim, token, bytes, connection, context)
                .recover(cause -> cause instanceof Refusal no && no.reason() == CloseReason.EXPIRED
                        ? gateway.reopen(who, hello, token, connection, context, no.code())
                        : Future.failedFuture(cause));
    }

    /** Takes a POST to where the session is. */
    Future<Long> post(String session, String secret, long first, long handed, Buffer body) {
        return nodes.joined()
                ? nodes.relay().post(session, secret, first, handed, body)
                : Future.failedFuture(Nodes.later());
    }
}
