package dev.polywire.independent;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Sends a session's frames by POST, one at a time (R25); it belongs to the session, not to a wire. */
final class Uplink {
    /** Small enough for any {@code limits.post} that is likely. */
    private static final int BODY = 32 * 1024;

    private final SmallClient client;
    private final List<JsonObject> uncounted = new ArrayList<>();
    private CompletableFuture<HttpResponse<String>> posting;

    Uplink(SmallClient client) {
        this.client = client;
    }

    void add(JsonObject frame) {
        uncounted.add(frame);
        flush();
    }

    void flush() {
        if (posting != null || !client.postable()) {
            return;
        }
        List<String> frames = new ArrayList<>();
        int size = 0;
        // Always from the first that is not known to be accepted: sending one again costs nothing (R25).
        for (String frame : client.outgoing.unconfirmed()) {
            size += frame.length();
            if (!frames.isEmpty() && size > BODY) {
                break;
            }
            frames.add(frame);
        }
        int counted = frames.size();
        for (JsonObject frame : uncounted) {
            frames.add(client.withCounts(frame, client.confirmed() + counted).encode());
        }
        uncounted.clear();
        if (frames.isEmpty()) {
            return;
        }
        HttpRequest.Builder request = client.requests
                .toSession("/send", null)
                .header("Content-Type", "application/json")
                .header("Polywire-Received", Long.toString(client.received()))
                .POST(HttpRequest.BodyPublishers.ofString("[" + String.join(",", frames) + "]"));
        if (counted > 0) {
            request.header("Polywire-First", Long.toString(client.confirmed() + 1));
        }
        CompletableFuture<HttpResponse<String>> sent =
                client.http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
        posting = sent;
        sent.whenComplete((response, failure) -> {
            synchronized (client) {
                if (posting == sent) {
                    posting = null;
                    posted(response, failure);
                }
            }
        });
    }

    private void posted(HttpResponse<String> response, Throwable failure) {
        int status = failure == null ? response.statusCode() : 503;
        if (status == 200 || status == 409) {
            JsonObject answer = new JsonObject(response.body());
            if (answer.containsKey("received")) {
                client.confirm(answer.getLong("received"));
                flush();
            } else {
                client.fault("POST: " + answer);
            }
        } else if (status == 429 || status == 503) {
            client.timer.schedule(
                    () -> {
                        synchronized (client) {
                            flush();
                        }
                    },
                    200,
                    TimeUnit.MILLISECONDS);
        } else {
            client.fault("POST: " + status + " " + response.body());
        }
    }

    void cut() {
        uncounted.clear();
        if (posting != null) {
            CompletableFuture<?> late = posting;
            posting = null;
            late.cancel(true);
        }
    }
}
