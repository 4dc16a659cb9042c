package dev.polywire.transport.websocket;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.Transport;
import dev.polywire.spi.http.Endpoint;
import dev.polywire.spi.http.Exchange;
import dev.polywire.spi.http.NettyChannels;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** WebSocket: {@code GET /websocket} is upgraded to a connection on which each text message is one frame, both ways. */
public final class WebSocketTransport implements Transport {
    private static final Logger LOG = LoggerFactory.getLogger(WebSocketTransport.class);
    private static final String NAME = "websocket";
    private static final String VERSION = "Sec-WebSocket-Version";
    private static final String SUBPROTOCOL = "polywire.1.json";

    private final boolean direct;

    /** Creates the transport, as {@link java.util.ServiceLoader} does. */
    public WebSocketTransport() {
        this(true);
    }

    /** Creates one that writes past Vert.x where it can, or never. */
    WebSocketTransport(boolean direct) {
        this.direct = direct;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void mount(Router router, SessionGateway gateway) {
        new Endpoint("/websocket", gateway).on(HttpMethod.GET, this::upgrade).mount(router);
    }

    private void upgrade(Exchange exchange) {
        HttpServerRequest request = exchange.request();
        if (!asksForUpgrade(request)) {
            exchange.response().putHeader("Upgrade", "websocket").putHeader(VERSION, "13");
            exchange.reply(
                    426,
                    new JsonObject()
                            .put("code", "upgrade_required")
                            .put("message", "This endpoint speaks WebSocket, version 13.")
                            .toBuffer());
            return;
        }
        if (request.isEnded()) {
            throw new IllegalStateException(
                    "The request was read to its end before the upgrade: an asynchronous handler in front of Polywire must"
                            + " pause it.");
        }
        Handshake who = exchange.visitor(NAME);
        exchange.gateway().admit(who);
        Future<Handshake> known = exchange.gateway().authenticate(who);
        if (known.succeeded()) {
            upgrade(exchange, known.result());
            return;
        }
        // Or its end would be read meanwhile, and there would be nothing left to upgrade.
        request.pause();
        known.onComplete(checked -> upgrade(exchange, checked), cause -> {
            request.resume();
            exchange.refuse(cause);
        });
    }

    private void upgrade(Exchange exchange, Handshake who) {
        HttpServerRequest request = exchange.request();
        if (names(request.getHeader("Sec-WebSocket-Protocol"), SUBPROTOCOL)) {
            // Said here, so that a host whose server options do not list it serves browsers too: they give up when none
            // is chosen. A token that stands beside it is never said back.
            exchange.response().putHeader("Sec-WebSocket-Protocol", SUBPROTOCOL);
        }
        ChannelHandlerContext channel = NettyChannels.of(request.connection());
        EarlyBytes early = channel == null ? null : EarlyBytes.watch(channel);
        if (channel != null) {
            Inflation.offer(channel, exchange.gateway().options().compression());
        }
        request.toWebSocket()
                .onSuccess(socket -> {
                    begin(exchange, who, socket);
                    if (early != null) {
                        early.upgraded();
                    }
                })
                .onFailure(cause -> exchange.refuse(
                        new Refusal(ErrorCode.BAD_FRAME, CloseReason.BAD_FRAME, "That is no handshake of WebSocket.")));
    }

    private void begin(Exchange exchange, Handshake who, ServerWebSocket socket) {
        if (!Inflation.bound(exchange.request().connection(), exchange.gateway().options())) {
            LOG.error("What inflates messages here has no bound that could be set; switch compression off");
            socket.close((short) WebSocketCloseStatus.INTERNAL_SERVER_ERROR.code());
            return;
        }
        MessageWriter writer = MessageWriter.of(socket, exchange.request().connection(), direct);
        new WebSocketConnection(exchange, who, socket, writer).open();
    }

    private static boolean asksForUpgrade(HttpServerRequest request) {
        return request.version() == HttpVersion.HTTP_1_1
                && names(request.getHeader(HttpHeaders.CONNECTION), "upgrade")
                && names(request.getHeader("Upgrade"), "websocket")
                // Vert.x would also take the drafts before the RFC.
                && "13".equals(request.getHeader(VERSION));
    }

    private static boolean names(@Nullable String header, String token) {
        if (header == null) {
            return false;
        }
        if (header.equalsIgnoreCase(token)) {
            return true;
        }
        for (String part : header.split(",", -1)) {
            if (part.trim().equalsIgnoreCase(token)) {
                return true;
            }
        }
        return false;
    }
}
