package dev.polywire.spi.http;

import dev.polywire.spi.Handshake;
import dev.polywire.spi.SessionGateway;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;

/** The endpoint {@code POST /send}: the way up for all wires that only carry frames down. */
public final class SendEndpoint {

    /** What a {@link Handshake} names as transport when frames come by POST. */
    public static final String NAME = "send";

    private static final String MOUNTED = "dev.polywire.send";

    private SendEndpoint() {}

    /**
     * Adds the endpoint, unless another transport has added it already.
     *
     * @param router the router of the mount path
     * @param gateway the way into the sessions
     */
    public static void mount(Router router, SessionGateway gateway) {
        if (router.metadata().containsKey(MOUNTED)) {
            return;
        }
        router.putMetadata(MOUNTED, true);
        new Endpoint("/send", gateway)
                .on(HttpMethod.POST, SendEndpoint::receive)
                .mount(router);
    }

    private static void receive(Exchange exchange) {
        SessionGateway gateway = exchange.gateway();
        Handshake who = exchange.member(NAME, false);
        long first = exchange.first();
        exchange.body(gateway.options().session().post(), () -> gateway.admit(who))
                .compose(body -> gateway.receive(who, first, body))
                .onSuccess(received -> exchange.reply(
                        200, new JsonObject().put("received", received).toBuffer()))
                .onFailure(exchange::refuse);
    }
}
