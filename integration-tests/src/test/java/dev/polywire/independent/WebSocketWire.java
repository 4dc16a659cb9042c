package dev.polywire.independent;

import io.vertx.core.json.JsonObject;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A WebSocket: one text message is one frame. */
final class WebSocketWire extends Wire implements WebSocket.Listener {
    private final SmallClient client;
    private final StringBuilder text = new StringBuilder();
    private CompletableFuture<WebSocket> tail;
    private String refusal = "closed";
    private boolean cut;
    private volatile WebSocket socket;

    WebSocketWire(SmallClient client) {
        this.client = client;
    }

    @Override
    void open(JsonObject hello, JsonObject place) {
        if (place != null) {
            hello.put("resume", place);
        }
        tail = client.http
                .newWebSocketBuilder()
                .subprotocols("polywire.1.json")
                .buildAsync(client.requests.uri("ws", "/websocket"), this);
        tail.whenComplete((socket, failure) -> {
            if (failure != null) {
                welcome.completeExceptionally(failure);
            }
        });
        counted(hello.encode());
    }

    @Override
    void counted(String frame) {
        // The JDK's WebSocket wants the one before to be written first.
        tail = tail.thenCompose(socket -> socket.sendText(frame, true));
    }

    @Override
    void uncounted(JsonObject frame) {
        counted(client.withCounts(frame, client.sent()).encode());
    }

    @Override
    void cut() {
        cut = true;
        // Not after what is still to be written, but at once: that is what an abrupt end is.
        socket().thenAccept(WebSocket::abort);
    }

    private CompletableFuture<WebSocket> socket() {
        return socket == null ? tail : CompletableFuture.completedFuture(socket);
    }

    @Override
    public void onOpen(WebSocket opened) {
        socket = opened;
        opened.request(1);
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            String whole = text.toString();
            text.setLength(0);
            synchronized (client) {
                JsonObject frame = new JsonObject(whole);
                if (!welcome.isDone() && "error".equals(frame.getString("type"))) {
                    refusal = frame.getString("code");
                }
                if (!cut) {
                    client.arrived(this, frame, whole.length());
                }
            }
        }
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
        ended(new Refused(refusal, status));
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
        ended(failure);
    }

    private void ended(Throwable why) {
        synchronized (client) {
            welcome.completeExceptionally(why);
            if (!cut) {
                client.ended(this, why);
            }
        }
    }
}
