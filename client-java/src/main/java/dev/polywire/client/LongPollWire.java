package dev.polywire.client;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** The long-polling wire: every poll is an attach that lasts one batch; up by POST. */
final class LongPollWire extends PostingWire {
    private static final long MARGIN = 10_000;
    /** Polls that tell nothing come no faster than this. */
    private static final long PACE = 1_000;

    private final WireContext context;
    private final HttpWires http;
    private @Nullable HttpCall call;
    private @Nullable Runnable cancel;
    private @Nullable Runnable resting;

    LongPollWire(WireContext context, HttpWires http, Wire.Listener on) {
        super(context, http, on);
        this.context = context;
        this.http = http;
        poll(true);
    }

    private void poll(boolean first) {
        long wait = first ? 0 : context.heartbeat();
        long asked = context.place().now();
        HttpCall mine = http.call(context.place());
        call = mine;
        cancel = context.place().later(wait + MARGIN, () -> end(Failure.silence()));
        // The first one is a hello: should the session be gone, it opens a new one (R14), and it is answered at once.
        mine.ask(
                http.to(first ? HttpMethod.POST : HttpMethod.GET, "/poll?wait=" + wait),
                first ? context.hello().encode() : null,
                HttpWires.headers(context, context.attach()),
                answer -> polled(answer, first, wait, asked));
    }

    private void polled(HttpCall.Answer answer, boolean first, long wait, long asked) {
        if (cancel != null) {
            cancel.run();
        }
        if (over) {
            return;
        }
        JsonArray frames = answer.array();
        if (answer.failure() != null || frames == null) {
            end(answer.failure() == null ? Failure.of("no_frames") : answer.failure());
            return;
        }
        on.heard();
        for (JsonObject frame : Frames.objects(frames)) {
            if (over) {
                return;
            }
            on.frame(frame);
        }
        // Whoever answers at once and with a welcome alone, though asked to wait, would be asked in a circle.
        long pause = first || frames.size() > 1
                ? 0
                : asked + Math.min(wait, PACE) - context.place().now();
        if (pause > 0) {
            resting = context.place().later(pause, on::idle);
        } else if (!over) {
            on.idle();
        }
    }

    @Override
    void abort() {
        if (resting != null) {
            resting.run();
        }
        if (cancel != null) {
            cancel.run();
        }
        if (call != null) {
            call.abort();
        }
    }

    @Override
    public boolean polls() {
        return true;
    }

    @Override
    public void poll() {
        if (!over) {
            poll(false);
        }
    }
}
