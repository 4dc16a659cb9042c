package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** The WebSocket wire: one text message is one frame, both ways. */
final class WebSocketWire implements Wire {
    private final WireContext context;
    private final Wire.Listener on;
    private @Nullable WebSocket socket;
    private boolean over;

    WebSocketWire(WireContext context, WebSocketClient client, HttpWires.Target target, Wire.Listener on) {
        this.context = context;
        this.on = on;
        WebSocketConnectOptions options = target.fill(new WebSocketConnectOptions(), "/websocket")
                .addSubProtocol("polywire.1.json")
                .setAllowOriginHeader(false);
        context.credentials().forEach(options::putHeader);
        Future<WebSocket> opened;
        try {
            opened = client.connect(options);
        } catch (RuntimeException closed) {
            opened = Future.failedFuture(closed);
        }
        opened.onSuccess(this::opened).onFailure(refused -> context.place().run(() -> end(why(refused))));
    }

    private void opened(WebSocket made) {
        if (over) {
            made.close();
            return;
        }
        socket = made;
        made.textMessageHandler(text -> {
            if (!over) {
                on.text(text);
            }
        });
        made.exceptionHandler(broken -> end(Failure.network(broken)));
        made.closeHandler(closed -> {
            String reason = made.closeReason();
            Short code = made.closeStatusCode();
            end(Failure.of(reason == null || reason.isEmpty() ? String.valueOf(code == null ? 1006 : code) : reason));
        });
        made.drainHandler(room -> flush());
        on.opened();
    }

    /** A refusal in the protocol's own words is the server's. Any other, as that of a proxy that knows no upgrades, is this wire's alone. */
    private static Failure why(Throwable refused) {
        if (!(refused instanceof UpgradeRejectedException rejected)) {
            return Failure.network(refused);
        }
        Object json = rejected.getBody() == null ? null : HttpCall.json(rejected.getBody());
        Failure told =
                HttpCall.refusal(rejected.getStatus(), rejected.getHeaders().get("Retry-After"), json);
        return told.code() != null ? told : new Failure("upgrade", 0, null, told.retryAfter(), false, false, null);
    }

    private void end(Failure why) {
        if (!over) {
            close();
            on.closed(why);
        }
    }

    @Override
    public void control(JsonObject frame) {
        if (!over && socket != null && !socket.isClosed()) {
            socket.writeTextMessage(frame.encode());
        }
    }

    @Override
    public void flush() {
        while (!over && socket != null && !socket.isClosed() && !socket.writeQueueFull()) {
            String text = context.next();
            if (text == null) {
                return;
            }
            socket.writeTextMessage(text);
        }
    }

    @Override
    public void close() {
        over = true;
        if (socket != null) {
            socket.close();
        }
    }
}
