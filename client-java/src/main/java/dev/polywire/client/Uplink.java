package dev.polywire.client;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sends what the session has queued by POST: one in flight, the same numbers until they are answered (R25-R27). */
final class Uplink {
    private static final long TIMEOUT = 10_000;
    private static final int BATCH_SIZE = 48_000;
    private static final int BATCH_FRAMES = 200;
    private static final int TRIES = 4;

    private final WireContext context;
    private final HttpWires http;
    private final Consumer<Failure> closed;
    private boolean busy;
    private boolean over;
    /** Failures in a row, and those among them that are the wire's. */
    private int tries;

    private int fails;
    private int most = BATCH_FRAMES;
    /** Uncounted frames, the newest of each type. */
    private Map<String, JsonObject> controls = new LinkedHashMap<>();

    private @Nullable Runnable cancel;
    private @Nullable HttpCall call;

    Uplink(WireContext context, HttpWires http, Consumer<Failure> closed) {
        this.context = context;
        this.http = http;
        this.closed = closed;
    }

    void control(JsonObject frame) {
        controls.put(Frames.type(frame), frame);
        flush();
    }

    void flush() {
        if (!busy && !over) {
            busy = true;
            // Frames of one turn of the event loop travel together.
            context.place().soon(this::post);
        }
    }

    void close() {
        over = true;
        if (cancel != null) {
            cancel.run();
        }
        if (call != null) {
            call.abort();
        }
    }

    private void post() {
        if (over) {
            return;
        }
        Machine.Batch batch = context.batch(BATCH_SIZE, most);
        List<String> texts = batch.texts();
        Map<String, JsonObject> sending = controls;
        controls = new LinkedHashMap<>();
        if (texts.isEmpty() && sending.isEmpty()) {
            busy = false;
            return;
        }
        int count = texts.size();
        long sent = batch.first() + count - 1;
        sending.forEach(
                (type, frame) -> texts.add((type.equals("pong") ? frame.copy().put("count", sent) : frame).encode()));
        Map<String, String> headers =
                count > 0 ? Map.of("Polywire-First", String.valueOf(batch.first())) : Map.<String, String>of();
        HttpCall mine = http.call(context.place());
        call = mine;
        cancel = context.place().later(TIMEOUT, () -> {
            mine.abort();
            answered(new HttpCall.Answer(Failure.of("network"), null), sending, count);
        });
        mine.ask(
                http.to(HttpMethod.POST, "/send"),
                "[" + String.join(",", texts) + "]",
                HttpWires.headers(context, headers),
                answer -> answered(answer, sending, count));
    }

    private void answered(HttpCall.Answer answer, Map<String, JsonObject> sending, int count) {
        if (cancel != null) {
            cancel.run();
        }
        if (over) {
            return;
        }
        long received = Frames.number(answer.object(), "received", -1);
        if (received >= 0) {
            context.accepted(received);
        }
        // The count may have shown that the wire is out of step.
        if (over) {
            return;
        }
        Failure failure = answer.failure();
        if (failure == null && answer.json() == null) {
            failure = Failure.of("network");
        }
        if (failure != null) {
            sending.forEach(controls::putIfAbsent);
            failed(failure, count);
            return;
        }
        tries = 0;
        fails = 0;
        most = BATCH_FRAMES;
        busy = false;
        flush();
    }

    private void again(double millis) {
        cancel = context.place().later(Math.round(millis), this::post);
    }

    private void failed(Failure failure, int count) {
        int status = failure.status();
        String code = failure.code();
        // The whole POST was refused and nothing counted: find the frame that is to blame, and replace it (R27).
        if ((status == 413 || status == 400) && count > 1) {
            most = 1;
            again(0);
            return;
        }
        if ((status == 413 || (status == 400 && !"unsupported_version".equals(code))) && count == 1) {
            context.refuse(code == null ? "too_large" : code);
            again(0);
            return;
        }
        boolean outOfOrder = "out_of_order".equals(code);
        if (status == 401 || status == 403 || status == 404 || (status == 409 && !outOfOrder)) {
            closed.accept(failure);
            return;
        }
        // 429 and 503 consumed nothing; they are the server's wish for a pause, and not a sign of a broken wire.
        if (status != 429 && failure.retryAfter() == 0 && ++fails >= TRIES) {
            closed.accept(failure.with(code == null ? "uplink" : code));
            return;
        }
        again(failure.retryAfter() + Policy.backoff(tries++, context.place()::random));
    }
}
