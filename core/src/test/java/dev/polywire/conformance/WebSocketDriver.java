package dev.polywire.conformance;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Drives {@code GET /websocket}: one text message is one frame, both ways. */
public final class WebSocketDriver implements ClientDriver {
    private final WebSocketClient client;
    private final WebSocketConnectOptions target;

    /**
     * Creates a driver.
     *
     * @param vertx carries the sockets
     * @param host of the server, or of a proxy before it
     * @param port its port
     * @param path the mount path
     */
    public WebSocketDriver(Vertx vertx, String host, int port, String path) {
        this(vertx, new WebSocketClientOptions(), host, port, path);
    }

    /**
     * Creates a driver with a client of a kind, for TLS.
     *
     * @param vertx carries the sockets
     * @param options the client's options
     * @param host of the server
     * @param port its port
     * @param path the mount path
     */
    public WebSocketDriver(Vertx vertx, WebSocketClientOptions options, String host, int port, String path) {
        client = vertx.createWebSocketClient(new WebSocketClientOptions(options)
                .setMaxConnections(1000)
                .setSoLinger(0)
                .setMaxFrameSize(8 << 20)
                .setMaxMessageSize(8 << 20));
        target = new WebSocketConnectOptions()
                .setHost(host)
                .setPort(port)
                .setURI(path + "/websocket")
                .setSsl(options.isSsl())
                .addSubProtocol("polywire.1.json");
    }

    @Override
    public String name() {
        return "websocket";
    }

    @Override
    public boolean duplex() {
        return true;
    }

    @Override
    public Link open(Opening opening, Listener listener) {
        Future<WebSocket> connecting = client.connect(target(opening.extra()));
        SocketLink link = new SocketLink(connecting);
        connecting.onFailure(failure -> listener.closed(
                failure instanceof UpgradeRejectedException rejected
                        ? new End(rejected.getStatus(), String.valueOf(rejected.getBody()), false)
                        : new End(0, String.valueOf(failure.getMessage()), false)));
        connecting.onSuccess(socket -> {
            socket.textMessageHandler(listener::frame);
            socket.exceptionHandler(failure -> {});
            socket.closeHandler(closed -> {
                Short code = socket.closeStatusCode();
                String reason = socket.closeReason();
                listener.closed(new End(code == null ? 0 : code, reason == null ? "" : reason, false));
            });
        });
        Buffer hello = opening.hello();
        if (hello != null) {
            link.send(opening.resume() == null ? hello : withResume(hello, opening.resume()));
        }
        return link;
    }

    private WebSocketConnectOptions target(Extra extra) {
        WebSocketConnectOptions options = new WebSocketConnectOptions(target);
        if (extra != Extra.NONE) {
            // Off, it would also leave out the one that is given.
            options.setAllowOriginHeader(extra.headers().containsKey("Origin"));
            extra.headers().forEach((name, value) -> {
                if (name.equals("Sec-WebSocket-Protocol")) {
                    options.addSubProtocol(value);
                } else {
                    options.addHeader(name, value);
                }
            });
            if (!extra.query().isEmpty()) {
                options.setURI(target.getURI() + "?" + extra.query());
            }
        }
        return options;
    }

    /** Puts into {@code hello} what a resume states (R9). */
    private static Buffer withResume(Buffer hello, ClientMachine.Attempt resume) {
        return hello.toJsonObject()
                .put(
                        "resume",
                        new JsonObject()
                                .put("session", resume.session())
                                .put("secret", resume.secret())
                                .put("attach", resume.attach())
                                .put("received", resume.received())
                                .put("confirmed", resume.confirmed()))
                .toBuffer();
    }

    @Override
    public Future<Answer> post(@Nullable String session, @Nullable String secret, long first, Buffer body) {
        return Future.failedFuture(new UnsupportedOperationException("A WebSocket carries frames both ways."));
    }

    @Override
    public Future<Void> close() {
        return client.close();
    }

    private record SocketLink(Future<WebSocket> socket) implements Link {
        @Override
        public void send(Buffer frame) {
            socket.onSuccess(open -> {
                String text = utf8(frame);
                if (text != null) {
                    open.writeTextMessage(text);
                } else {
                    // the only public way to put bytes that are no UTF-8 into a text message
                    open.writeFrame(WebSocketFrame.textFrame("", false));
                    open.writeFrame(WebSocketFrame.continuationFrame(frame, true));
                }
            });
        }

        @Override
        public void cut() {
            socket.onSuccess(
                    open -> ((WebSocketInternal) open).channelHandlerContext().close());
        }

        @Override
        public void close() {
            socket.onSuccess(open -> open.close());
        }

        private static @Nullable String utf8(Buffer bytes) {
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes.getBytes()))
                        .toString();
            } catch (CharacterCodingException e) {
                return null;
            }
        }
    }
}
