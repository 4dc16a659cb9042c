package dev.polywire.benchmarks.server;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Long polling with Vert.x and nothing else: a request is held until there is something, and all that wait get the same bytes. A
 * reply is the number to go on from, on a line of its own, and then a message on each line. What is published between two polls of
 * a client waits in a short ring.
 */
final class VertxPolls {
    /** A client that is further behind than this loses messages, and its count tells. */
    private static final int KEPT = 256;

    private static final CharSequence TEXT = HttpHeaders.createOptimized("text/plain");
    private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");

    private final Map<String, Channel> channels = new HashMap<>();

    private static final class Channel {
        final String[] kept = new String[KEPT];
        /** Of the last message, counted from 1. */
        long top;

        List<HttpServerResponse> waiting = new ArrayList<>();
        List<HttpServerResponse> spare = new ArrayList<>();

        Buffer since(long after) {
            StringBuilder reply = new StringBuilder().append(top).append('\n');
            for (long i = Math.max(after, top - KEPT) + 1; i <= top; i++) {
                reply.append(kept[(int) (i % KEPT)]).append('\n');
            }
            return Buffer.buffer(reply.toString());
        }
    }

    /** Answers {@code GET /poll/CHANNEL}, which asks where the channel is, or {@code GET /poll/CHANNEL/NUMBER}, which waits for more. */
    void handle(HttpServerRequest request) {
        String[] path = request.path().split("/");
        Channel channel = channels.computeIfAbsent(path[2], name -> new Channel());
        HttpServerResponse response = request.response();
        long after = path.length > 3 ? Long.parseLong(path[3]) : -1;
        if (after == channel.top) {
            channel.waiting.add(response);
            response.closeHandler(closed -> channel.waiting.remove(response));
        } else {
            answer(response, channel.since(after < 0 ? channel.top : after));
        }
    }

    void publish(int number, String text) {
        Channel channel = channels.get(Integer.toString(number));
        if (channel == null) {
            return;
        }
        channel.top++;
        channel.kept[(int) (channel.top % KEPT)] = text;
        List<HttpServerResponse> due = channel.waiting;
        channel.waiting = channel.spare;
        channel.spare = due;
        Buffer reply = channel.since(channel.top - 1);
        for (int i = 0; i < due.size(); i++) {
            answer(due.get(i), reply);
        }
        due.clear();
    }

    private static void answer(HttpServerResponse response, Buffer reply) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, TEXT)
                .putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE)
                .end(reply);
    }
}
