package dev.polywire.session;

import dev.polywire.spi.Handshake;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.http.Endpoint;
import dev.polywire.spi.http.Exchange;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;

/** The endpoint {@code POST {path}/ticket}: credentials that fit into a header, for a ticket that may stand in a URL (R73). */
final class TicketEndpoint {
    private final Engine engine;

    private TicketEndpoint(Engine engine) {
        this.engine = engine;
    }

    static void mount(Router router, Engine engine, SessionGateway gateway) {
        new Endpoint(gateway.options().path() + "/ticket", gateway)
                .on(HttpMethod.POST, new TicketEndpoint(engine)::issue)
                .mount(router);
    }

    private void issue(Exchange exchange) {
        Handshake who = exchange.visitor("ticket");
        engine.admission().connect(who);
        engine.access()
                .known(who)
                .map(principal -> new JsonObject()
                        .put("ticket", engine.ticketOffice().issue(principal))
                        .put("expiresIn", engine.tickets().lifetime()))
                .onSuccess(reply -> exchange.reply(200, reply.toBuffer()))
                .onFailure(exchange::refuse);
    }
}
