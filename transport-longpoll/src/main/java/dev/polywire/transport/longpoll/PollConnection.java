package dev.polywire.transport.longpoll;

import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Batch;
import dev.polywire.spi.WireFormat;
import dev.polywire.spi.http.Exchange;
import dev.polywire.spi.http.HttpCarrier;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A poll that waits: it keeps what alone is worth no answer, and answers once, with all it has. */
final class PollConnection extends HttpCarrier {
    private final boolean bare;
    private final List<Buffer> frames = new ArrayList<>();
    private long timer = -1;
    private boolean due;
    private boolean begun;
    private @Nullable String cursor;
    private @Nullable Future<Void> answer;

    /**
     * Creates a poll that is not attached.
     *
     * @param exchange the request
     * @param bare whether it reads by position
     * @param wait milliseconds until it is answered anyway
     */
    PollConnection(Exchange exchange, boolean bare, long wait) {
        super(exchange);
        this.bare = bare;
        if (wait > 0) {
            timer = exchange.vertx().setTimer(wait, up -> {
                due = true;
                answerIfDue();
            });
        } else {
            due = true;
        }
    }

    @Override
    public WireFormat format() {
        return WireFormat.JSON;
    }

    @Override
    public boolean streams() {
        return false;
    }

    @Override
    public boolean writable() {
        return isOpen() && answer == null;
    }

    @Override
    public Future<Void> send(Batch batch) {
        if (!writable()) {
            return Future.failedFuture("The poll was answered");
        }
        frames.addAll(batch.frames());
        List<String> cursors = batch.cursors();
        if (cursors != null) {
            cursor = cursors.get(cursors.size() - 1);
        }
        if (!batch.holdable() || batch.last()) {
            return answer();
        }
        answerSoon();
        return Future.succeededFuture();
    }

    @Override
    protected void begun(@Nullable String start) {
        begun = true;
        if (cursor == null) {
            cursor = start;
        }
        answerSoon();
    }

    @Override
    protected Future<Void> finish(CloseReason reason) {
        if (answer != null) {
            return answer;
        }
        return reason.status() == 200
                ? exchange().reply(200, body())
                : exchange().reply(reason);
    }

    @Override
    protected void released() {
        if (timer >= 0) {
            exchange().vertx().cancelTimer(timer);
        }
    }

    // A poll that must not wait still takes what the same turn of the event loop brings after the welcome.
    private void answerSoon() {
        if (due) {
            exchange().vertx().runOnContext(turn -> answerIfDue());
        }
    }

    private void answerIfDue() {
        if (due && begun && writable() && (bare || !frames.isEmpty())) {
            answer();
        }
    }

    private Future<Void> answer() {
        Future<Void> written = exchange().reply(200, body());
        answer = written;
        // The grace of the session runs from the last byte of the reply.
        written.onComplete(done -> lost(CloseReason.NORMAL));
        return written;
    }

    private Buffer body() {
        Buffer body = Buffer.buffer();
        if (bare) {
            body.appendString("{\"cursor\":").appendString(Json.encode(cursor)).appendString(",\"messages\":");
        }
        body.appendString("[");
        for (int i = 0; i < frames.size(); i++) {
            if (i > 0) {
                body.appendString(",");
            }
            body.appendBuffer(frames.get(i));
        }
        return body.appendString(bare ? "]}" : "]");
    }
}
