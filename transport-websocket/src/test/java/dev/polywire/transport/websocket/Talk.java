package dev.polywire.transport.websocket;

import static dev.polywire.testing.RecordingGateway.await;

import dev.polywire.testing.TestServer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.http.WebSocketFrame;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** The client's side of a WebSocket. */
final class Talk {
    // Vert.x closes a client that nobody refers to any more.
    @SuppressWarnings("unused")
    private final WebSocketClient client;

    final WebSocket socket;
    final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final Promise<Integer> closed = Promise.promise();

    private Talk(WebSocketClient client, WebSocket socket) {
        this.client = client;
        this.socket = socket;
        socket.textMessageHandler(messages::add);
        socket.closeHandler(gone -> closed.complete((int) socket.closeStatusCode()));
    }

    static Talk open(TestServer server, WebSocketConnectOptions options) {
        return await(connect(server, options));
    }

    static Future<Talk> connect(TestServer server, WebSocketConnectOptions options) {
        WebSocketClient client = server.vertx.createWebSocketClient(new WebSocketClientOptions()
                .setMaxFrameSize(1_000_000)
                .setMaxMessageSize(1_000_000)
                .setTryUsePerMessageCompression(true));
        return client.connect(
                        options.setPort(server.port()).setHost("127.0.0.1").setURI("/realtime/websocket"))
                .map(socket -> new Talk(client, socket));
    }

    Talk say(String message) {
        socket.writeTextMessage(message);
        return this;
    }

    Talk frame(WebSocketFrame frame) {
        socket.writeFrame(frame);
        return this;
    }

    int closeCode() {
        return await(closed.future());
    }
}
