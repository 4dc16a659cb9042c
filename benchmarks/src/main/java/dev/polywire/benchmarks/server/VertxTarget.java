package dev.polywire.benchmarks.server;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Vert.x and nothing else: a list of WebSockets for each channel, and a loop that writes a text message to each; polls likewise. */
final class VertxTarget implements Target {
    private static final String SUBSCRIBE = "subscribe:";

    private final Vertx vertx;
    private final Map<Integer, List<ServerWebSocket>> channels = new HashMap<>();
    private final VertxPolls polls = new VertxPolls();

    VertxTarget(Vertx vertx) {
        this.vertx = vertx;
    }

    @Override
    public Future<Integer> start() {
        HttpServerOptions options = new HttpServerOptions().setHost("127.0.0.1").setPort(0);
        return vertx.createHttpServer(options)
                .webSocketHandler(this::open)
                .requestHandler(polls::handle)
                .listen()
                .map(HttpServer::actualPort);
    }

    private void open(ServerWebSocket socket) {
        // Who connects says what it wants, and is told that it has it, as everywhere else where there is more than one
        // channel.
        socket.textMessageHandler(text -> {
            int channel = Integer.parseInt(text.substring(SUBSCRIBE.length()));
            subscribe(socket, channel);
            socket.writeTextMessage("subscribed");
        });
    }

    private void subscribe(ServerWebSocket socket, int channel) {
        List<ServerWebSocket> subscribers = channels.computeIfAbsent(channel, any -> new ArrayList<>());
        subscribers.add(socket);
        socket.closeHandler(closed -> subscribers.remove(socket));
        // An echo is a publish to the channel, as everywhere here.
        socket.textMessageHandler(text -> broadcast(channel, text));
    }

    @Override
    public void publish(int channel, String text) {
        polls.publish(channel, text);
        broadcast(channel, '"' + text + '"');
    }

    private void broadcast(int channel, String json) {
        List<ServerWebSocket> subscribers = channels.get(channel);
        if (subscribers == null) {
            return;
        }
        for (int i = 0; i < subscribers.size(); i++) {
            subscribers.get(i).writeTextMessage(json);
        }
    }
}
