package dev.polywire.transport.longpoll;

import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Batch;
import dev.polywire.spi.WireFormat;
import dev.polywire.spi.http.ChannelOutput;
import dev.polywire.spi.http.Exchange;
import dev.polywire.spi.http.HttpCarrier;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A poll that waits: it keeps what alone is worth no answer, and answers once, with all it has. */
final class PollConnection extends HttpCarrier {
    private static final byte[] BEGIN = {'['};
    private static final byte[] END = {']'};
    private static final byte[] END_OF_BARE = {']', '}'};

    private final boolean bare;
    /** What waits for more to come. */
    private List<Buffer> frames = List.of();

    private @Nullable Runnable noLonger;
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
            noLonger = exchange.gateway().after(wait, () -> {
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
        List<String> cursors = batch.cursors();
        if (cursors != null) {
            cursor = cursors.get(cursors.size() - 1);
        }
        if (!batch.holdable() || batch.last()) {
            return answer(batch.frames());
        }
        hold(batch.frames());
        answerSoon();
        return Future.succeededFuture();
    }

    @Override
    protected void begun(@Nullable String start) {
        begun = true;
        exchange().letGo();
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
                ? exchange().reply(200, body(List.of()))
                : exchange().reply(reason);
    }

    @Override
    protected void released() {
        if (noLonger != null) {
            noLonger.run();
        }
    }

    private void hold(List<Buffer> more) {
        if (frames.isEmpty()) {
            // Mostly just a welcome, held for long: in no list that has room for more.
            frames = more.size() == 1 ? List.of(more.get(0)) : more;
        } else {
            frames = new ArrayList<>(frames);
            frames.addAll(more);
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
            answer(List.of());
        }
    }

    private Future<Void> answer(List<Buffer> last) {
        Future<Void> written = exchange().reply(200, body(last));
        answer = written;
        // The grace of the session runs from the last byte of the reply.
        if (written.isComplete()) {
            lost(CloseReason.NORMAL);
        } else {
            written.onComplete(done -> lost(CloseReason.NORMAL));
        }
        return written;
    }

    /** Joins what was held and what comes last, in one buffer of just that size: there is a body for each poll. */
    private ByteBuf body(List<Buffer> last) {
        byte[] head = bare
                ? ("{\"cursor\":" + Json.encode(cursor) + ",\"messages\":[").getBytes(StandardCharsets.UTF_8)
                : BEGIN;
        byte[] tail = bare ? END_OF_BARE : END;
        ByteBuf body = ChannelOutput.allocate(head.length + length(frames) + length(last) + tail.length);
        body.writeBytes(head);
        append(body, frames, false);
        append(body, last, !frames.isEmpty());
        return body.writeBytes(tail);
    }

    /** Adds up frames, and a comma for each. */
    private static int length(List<Buffer> frames) {
        int length = frames.size();
        for (int i = 0; i < frames.size(); i++) {
            length += frames.get(i).length();
        }
        return length;
    }

    private static void append(ByteBuf body, List<Buffer> frames, boolean behind) {
        for (int i = 0; i < frames.size(); i++) {
            if (behind || i > 0) {
                body.writeByte(',');
            }
            ChannelOutput.copy(frames.get(i), body);
        }
    }
}
