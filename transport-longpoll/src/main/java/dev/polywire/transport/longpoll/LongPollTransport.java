package dev.polywire.transport.longpoll;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.Transport;
import dev.polywire.spi.http.Endpoint;
import dev.polywire.spi.http.Exchange;
import dev.polywire.spi.http.SendEndpoint;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import java.util.List;

/**
 * Long polling: {@code POST /poll} opens a session, each {@code GET /poll} is an attach that lasts one reply, and a {@code GET}
 * without a session reads channels by position.
 */
public final class LongPollTransport implements Transport {
    private static final String NAME = "longpoll";

    private static final Buffer NO_HELLO = Buffer.buffer();

    /** Creates the transport, as {@link java.util.ServiceLoader} does. */
    public LongPollTransport() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void mount(Router router, SessionGateway gateway) {
        new Endpoint("/poll", gateway)
                .on(HttpMethod.POST, LongPollTransport::open)
                .on(HttpMethod.GET, LongPollTransport::poll)
                .mount(router);
        SendEndpoint.mount(router, gateway);
    }

    private static void open(Exchange exchange) {
        Handshake who = exchange.member(NAME, true);
        exchange.gateway().admit(who);
        exchange.body(exchange.gateway().options().session().frame())
                .onSuccess(hello -> {
                    if (hello.length() == 0) {
                        // It would be taken for the next poll, which comes by GET.
                        exchange.refuse(
                                new Refusal(ErrorCode.BAD_FRAME, CloseReason.BAD_FRAME, "The body must be hello."));
                    } else {
                        new PollConnection(exchange, false, 0).attach(who, hello);
                    }
                })
                .onFailure(exchange::refuse);
    }

    private static void poll(Exchange exchange) {
        long heartbeat = exchange.gateway().options().session().heartbeat().toMillis();
        long wait = Math.min(heartbeat, exchange.number("wait", heartbeat));
        Handshake who = exchange.member(NAME, true);
        if (who.resume() != null) {
            new PollConnection(exchange, false, wait).attach(who, NO_HELLO);
            return;
        }
        List<String> channels = exchange.channels();
        if (!channels.isEmpty()) {
            exchange.gateway().admit(who);
            new PollConnection(exchange, true, wait).read(who, channels, exchange.query("cursor"));
        } else {
            throw new Refusal(
                    ErrorCode.BAD_FRAME,
                    CloseReason.BAD_FRAME,
                    "A poll names its session in Polywire-Session, or channels to read (?channel=...).");
        }
    }
}
