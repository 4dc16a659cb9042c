package dev.polywire.independent;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** A stream of events, or one poll after another; what goes up goes by {@link Uplink}. */
final class HttpWire extends Wire {
    private final SmallClient client;
    private final boolean stream;
    private CompletableFuture<?> exchange;
    private Flow.Subscription lines;
    private boolean cut;

    HttpWire(SmallClient client, boolean stream) {
        this.client = client;
        this.stream = stream;
    }

    @Override
    void open(JsonObject hello, JsonObject place) {
        HttpRequest.Builder request = client.requests
                .toSession(stream ? "/sse" : "/poll", place)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(hello.encode()));
        if (stream) {
            CompletableFuture<HttpResponse<String>> sent = client.http.sendAsync(
                    request.build(),
                    info -> info.statusCode() == 200
                            ? BodySubscribers.fromLineSubscriber(new Lines(), l -> "", StandardCharsets.UTF_8, null)
                            : BodySubscribers.ofString(StandardCharsets.UTF_8));
            exchange = sent;
            sent.whenComplete(this::streamed);
        } else {
            poll(request.build());
        }
    }

    private void streamed(HttpResponse<String> response, Throwable failure) {
        synchronized (client) {
            ended(failure != null ? failure : refused(response));
        }
    }

    private void poll(HttpRequest request) {
        CompletableFuture<HttpResponse<String>> sent =
                client.http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
        exchange = sent;
        sent.whenComplete((response, failure) -> {
            synchronized (client) {
                if (failure != null || response.statusCode() != 200) {
                    ended(failure != null ? failure : refused(response));
                } else if (!cut) {
                    polled(response.body());
                }
            }
        });
    }

    private void polled(String body) {
        for (Object frame : new JsonArray(body)) {
            client.arrived(this, (JsonObject) frame, body.length());
        }
        again();
    }

    @Override
    void again() {
        if (!stream && !cut && !bye && exchange.isDone() && client.mayPoll(this)) {
            poll(client.requests.toSession("/poll?wait=20000", client.place()).build());
        }
    }

    private static Refused refused(HttpResponse<String> response) {
        String body = response.body();
        return new Refused(
                body.startsWith("{") ? new JsonObject(body).getString("code") : "closed", response.statusCode());
    }

    private void ended(Throwable why) {
        welcome.completeExceptionally(why);
        if (!cut) {
            client.ended(this, why);
        }
    }

    @Override
    void counted(String frame) {
        client.uplink.flush();
    }

    @Override
    void uncounted(JsonObject frame) {
        // The next poll tells what was handed over.
        if (stream || !"received".equals(frame.getString("type"))) {
            client.uplink.add(frame);
        }
    }

    @Override
    void cut() {
        cut = true;
        if (lines != null) {
            lines.cancel();
        }
        exchange.cancel(true);
        client.uplink.cut();
    }

    /** Reads the stream: one event is one line of data. */
    private final class Lines implements Flow.Subscriber<String> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            synchronized (client) {
                lines = subscription;
                subscription.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(String line) {
            synchronized (client) {
                if (!cut && line.startsWith("data:")) {
                    client.arrived(HttpWire.this, new JsonObject(line.substring(5)), line.length());
                }
            }
        }

        @Override
        public void onError(Throwable failure) {
            // The exchange fails with it, too.
        }

        @Override
        public void onComplete() {
            // The exchange completes, too.
        }
    }
}
