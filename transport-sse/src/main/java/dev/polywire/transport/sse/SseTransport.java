package dev.polywire.transport.sse;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.Transport;
import dev.polywire.spi.http.Endpoint;
import dev.polywire.spi.http.Exchange;
import dev.polywire.spi.http.SendEndpoint;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import java.util.List;

/**
 * Server-Sent Events: {@code POST /sse} is answered by a stream that carries a session, {@code GET /sse} by one that reads
 * channels by position.
 */
public final class SseTransport implements Transport {
    private static final String NAME = "sse";

    private final boolean direct;

    /** Creates the transport, as {@link java.util.ServiceLoader} does. */
    public SseTransport() {
        this(true);
    }

    /** Creates one that writes past Vert.x where it can, or never. */
    SseTransport(boolean direct) {
        this.direct = direct;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void mount(Router router, SessionGateway gateway) {
        new Endpoint("/sse", gateway)
                .on(HttpMethod.POST, this::open)
                .on(HttpMethod.GET, SseTransport::read)
                .mount(router);
        SendEndpoint.mount(router, gateway);
    }

    private void open(Exchange exchange) {
        Handshake who = exchange.member(NAME, true);
        exchange.gateway().admit(who);
        exchange.body(exchange.gateway().options().session().frame())
                .onSuccess(hello -> new SseConnection(exchange, false, direct).attach(who, hello))
                .onFailure(exchange::refuse);
    }

    private static void read(Exchange exchange) {
        List<String> channels = exchange.channels();
        if (channels.isEmpty() || exchange.request().headers().contains("Polywire-Session")) {
            throw new Refusal(
                    ErrorCode.BAD_FRAME,
                    CloseReason.BAD_FRAME,
                    "GET reads channels (?channel=...) without a session; POST opens a session or resumes one.");
        }
        // An EventSource that reconnects by itself knows better than the URL that it was given.
        String last = exchange.request().getHeader("Last-Event-ID");
        String cursor = last == null || last.isEmpty() ? exchange.query("cursor") : last;
        Handshake who = exchange.visitor(NAME);
        exchange.gateway().admit(who);
        new SseConnection(exchange, true, false).read(who, channels, cursor);
    }
}
