package dev.polywire.session;

import dev.polywire.Principal;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Handshake;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Hands out tickets and takes them. Where there are several nodes, a ticket names the one that keeps it, which the others ask. Safe for all threads. */
final class TicketOffice {
    private final Engine engine;

    TicketOffice(Engine engine) {
        this.engine = engine;
    }

    /** Hands out a ticket of somebody; throws a {@link dev.polywire.spi.Refusal} when there are too many. */
    String issue(Principal principal) {
        String ticket = engine.tickets().issue(principal);
        Nodes nodes = engine.nodes();
        return nodes == null
                ? ticket
                : Handshake.TICKET + nodes.self() + '.' + ticket.substring(Handshake.TICKET.length());
    }

    /** Takes a ticket for whom it was handed out to; fails when there is no such one (any more), and {@code unavailable} when that cannot be known now. */
    Future<Principal> redeem(String ticket) {
        return of(ticket, true);
    }

    /** Finds out whom a ticket was handed out to, which it is still good for afterwards; fails like {@link #redeem}. */
    Future<Principal> holder(String ticket) {
        return of(ticket, false);
    }

    private Future<Principal> of(String ticket, boolean use) {
        int dot = ticket.indexOf('.');
        Nodes nodes = engine.nodes();
        if (nodes == null || dot < 0) {
            return here(ticket, use);
        }
        String node = ticket.substring(Handshake.TICKET.length(), dot);
        String kept = Handshake.TICKET + ticket.substring(dot + 1);
        if (node.equals(nodes.self())) {
            return here(kept, use);
        }
        return Whereabouts.isNode(node) ? nodes.everywhere().ticket(node, kept, use) : none();
    }

    private Future<Principal> here(String ticket, boolean use) {
        Principal principal =
                use ? engine.tickets().redeem(ticket) : engine.tickets().holder(ticket);
        return principal == null ? none() : Future.succeededFuture(principal);
    }

    private static Future<Principal> none() {
        return Future.failedFuture(new ProtocolException(ErrorCode.UNAUTHENTICATED, "There is no such ticket."));
    }

    /** Answers another node whose client has shown a ticket of this one. */
    JsonObject asked(String ticket, boolean use) {
        Principal principal = here(ticket, use).result();
        if (principal == null) {
            return new JsonObject();
        }
        Instant end = principal.expiresAt();
        return new JsonObject()
                .put("of", true)
                .put("id", principal.id())
                .put("claims", principal.claims())
                .put("expiresAt", end == null ? null : end.toString());
    }

    /** Reads what another node answers. */
    static Future<Principal> answered(JsonObject answer) {
        if (!answer.getBoolean("of", false)) {
            return none();
        }
        @Nullable String end = answer.getString("expiresAt");
        return Future.succeededFuture(new Principal(
                answer.getString("id"), answer.getJsonObject("claims"), end == null ? null : Instant.parse(end)));
    }
}
