package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers the questions of the server's application. */
final class Answers {
    private final ChannelHost host;
    private final Supplier<@Nullable String> session;
    private volatile @Nullable Function<PolywireClient.Question, ? extends Future<?>> handler;

    Answers(ChannelHost host, Supplier<@Nullable String> session) {
        this.host = host;
        this.session = session;
    }

    void handler(Function<PolywireClient.Question, ? extends Future<?>> value) {
        handler = value;
    }

    void answer(JsonObject request) {
        String id = Frames.text(request, "id");
        String asked = session.get();
        Function<PolywireClient.Question, ? extends Future<?>> one = handler;
        Future<?> answer;
        try {
            answer = one == null
                    ? Future.failedFuture(new PolywireException("not_found"))
                    : one.apply(new PolywireClient.Question(
                            Frames.text(request, "event"),
                            request.getValue("payload"),
                            Duration.ofMillis(Math.max(0, Frames.number(request, "timeout", 0)))));
        } catch (Throwable thrown) {
            answer = Future.failedFuture(thrown);
        }
        answer.onComplete(done -> host.place().run(() -> {
            // In another session, or after the end, nobody waits for it.
            if (Objects.equals(asked, session.get())) {
                JsonObject frame = new JsonObject().put("id", id);
                if (done.succeeded()) {
                    reply(frame, done.result());
                } else {
                    refuse(frame, done.cause());
                }
            }
        }));
    }

    private void reply(JsonObject frame, @Nullable Object result) {
        try {
            host.send(frame.put("type", "reply").put("payload", Frames.payload(result)));
        } catch (RuntimeException unsent) {
            frame.remove("payload");
            refuse(frame, unsent);
        }
    }

    private void refuse(JsonObject frame, Throwable cause) {
        frame.put("type", "error").put("code", "internal");
        if (cause instanceof PolywireException told) {
            frame.put("code", told.code());
            if (told.detail() != null) {
                frame.put("message", told.detail());
            }
        } else {
            host.thrown(cause);
        }
        try {
            host.send(frame);
        } catch (PolywireException unsent) {
            // The connection is over, or its queue is full: the server's own patience ends it.
            host.thrown(unsent);
        }
    }
}
