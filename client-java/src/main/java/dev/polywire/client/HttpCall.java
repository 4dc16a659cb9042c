package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One request of the session. What becomes of it is told once, and nothing once it was aborted. */
final class HttpCall {
    /** What an answer is: its body, or why it is none. Of a refusal both, when the body is JSON. */
    record Answer(@Nullable Failure failure, @Nullable Object json) {

        /** Returns the body, when it is an object. */
        JsonObject object() {
            return json instanceof JsonObject object ? object : new JsonObject();
        }

        /** Returns the body, when it is an array. */
        @Nullable
        JsonArray array() {
            return json instanceof JsonArray array ? array : null;
        }
    }

    private final HttpClient client;
    private final Place place;
    private final int most;
    private @Nullable HttpClientRequest request;
    private boolean over;

    /**
     * @param most bytes of a whole answer
     */
    HttpCall(HttpClient client, Place place, int most) {
        this.client = client;
        this.place = place;
        this.most = most;
    }

    /** Sends the request. Its whole answer is told, which may be a failure. */
    void ask(RequestOptions to, @Nullable String body, Map<String, String> headers, Handler<Answer> told) {
        send(to, body, headers, told, response -> {
            Buffer whole = Buffer.buffer();
            response.exceptionHandler(broken -> end(told, Failure.network(broken), null));
            response.handler(part -> {
                whole.appendBuffer(part);
                if (whole.length() > most) {
                    end(told, Failure.of("answer_too_large"), null);
                    reset();
                }
            });
            response.endHandler(ended -> end(told, null, json(whole)));
        });
    }

    /** Sends the request. A response that is fine is handed over as it comes; told is only of what is not. */
    void stream(
            RequestOptions to,
            @Nullable String body,
            Map<String, String> headers,
            Handler<Answer> told,
            Handler<HttpClientResponse> fine) {
        send(to, body, headers, told, fine);
    }

    private void send(
            RequestOptions to,
            @Nullable String body,
            Map<String, String> headers,
            Handler<Answer> told,
            Handler<HttpClientResponse> fine) {
        headers.forEach(to::putHeader);
        if (body != null) {
            to.putHeader("Content-Type", "application/json");
        }
        Future<HttpClientRequest> opened;
        try {
            opened = client.request(to);
        } catch (RuntimeException closed) {
            opened = Future.failedFuture(closed);
        }
        opened.compose(made -> {
                    request = made;
                    if (over) {
                        reset();
                        return Future.<HttpClientResponse>failedFuture("aborted");
                    }
                    Future<HttpClientResponse> head = made.response().map(response -> {
                        // In the turn of the head, or the beginning of the body is missed.
                        response(response, told, fine);
                        return response;
                    });
                    if (body == null) {
                        made.end();
                    } else {
                        made.end(Buffer.buffer(body));
                    }
                    return head;
                })
                .onFailure(broken -> place.run(() -> end(told, Failure.network(broken), null)));
    }

    private void response(HttpClientResponse response, Handler<Answer> told, Handler<HttpClientResponse> fine) {
        if (over) {
            return;
        }
        int status = response.statusCode();
        if (status / 100 == 2) {
            fine.handle(response);
            return;
        }
        Buffer whole = Buffer.buffer();
        response.exceptionHandler(broken -> end(told, refusal(status, response, null), null));
        response.handler(part -> {
            if (whole.length() < 65_536) {
                whole.appendBuffer(part);
            }
        });
        response.endHandler(ended -> {
            Object json = json(whole);
            end(told, refusal(status, response, json), json);
        });
    }

    private static Failure refusal(int status, HttpClientResponse response, @Nullable Object json) {
        return refusal(status, response.getHeader("Retry-After"), json);
    }

    /** Makes a failure of a status that is no success, and of what came with it. */
    static Failure refusal(int status, @Nullable String pause, @Nullable Object json) {
        JsonObject body = json instanceof JsonObject object ? object : new JsonObject();
        long retryAfter = Math.max(0, Frames.number(body, "retryAfter", 0));
        if (retryAfter == 0 && pause != null && pause.matches("\\d{1,6}")) {
            retryAfter = Long.parseLong(pause) * 1000;
        }
        return new Failure(
                Frames.text(body, "code"), status, Frames.text(body, "message"), retryAfter, false, false, null);
    }

    /** Reads a body; null when it is no JSON, as a proxy's own page. */
    static @Nullable Object json(Buffer body) {
        try {
            String text = body.toString(StandardCharsets.UTF_8).strip();
            return text.startsWith("[") ? new JsonArray(text) : new JsonObject(text);
        } catch (RuntimeException unreadable) {
            return null;
        }
    }

    private void end(Handler<Answer> told, @Nullable Failure failure, @Nullable Object json) {
        if (!over) {
            over = true;
            told.handle(new Answer(failure, json));
        }
    }

    /** Gives it up: nothing is told any more. */
    void abort() {
        over = true;
        reset();
    }

    private void reset() {
        if (request != null) {
            request.reset();
        }
    }
}
