package dev.polywire.transport.sse;

import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Batch;
import dev.polywire.spi.WireFormat;
import dev.polywire.spi.http.ChannelOutput;
import dev.polywire.spi.http.Exchange;
import dev.polywire.spi.http.HttpCarrier;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A reply that is an event stream. Its head is written with the first frame, so a refused attach can still be told by status. */
final class SseConnection extends HttpCarrier {
    private static final Buffer COMMENT = Buffer.buffer(":\n\n");

    private final boolean bare;
    private final Promise<Void> opening = Promise.promise();
    private boolean begun;
    private int writing;
    private long heartbeat = -1;

    /** The way past Vert.x; null where there is none. */
    private final @Nullable ChannelOutput channel;

    SseConnection(Exchange exchange, boolean bare, boolean direct) {
        super(exchange);
        this.bare = bare;
        this.channel = direct ? EventFormat.output(exchange.request()) : null;
    }

    @Override
    public WireFormat format() {
        return EventFormat.DATA;
    }

    @Override
    public boolean writable() {
        return isOpen() && writing == 0;
    }

    @Override
    public Future<Void> send(Batch batch) {
        if (!isOpen()) {
            return Future.failedFuture("The stream is closed");
        }
        if (bare && !begun) {
            // The first event says where the read begins; what comes before that is known waits for it.
            writing++;
            return opening.future().onComplete(open -> writing--).compose(open -> write(batch));
        }
        return write(batch);
    }

    @Override
    protected void begun(@Nullable String cursor) {
        begun = true;
        if (cursor == null) {
            return;
        }
        // Not called "open": an EventSource would take it for its own event of that name, and call its onopen twice.
        write(Buffer.buffer("id: " + cursor + "\nevent: position\ndata: {}\n\n"));
        opening.complete();
        // Nobody else writes into a quiet bare stream, and a proxy ends one that is silent; a session's stream has
        // pings.
        long every = exchange().gateway().options().session().heartbeat().toMillis();
        heartbeat = exchange().vertx().setPeriodic(every, tick -> {
            if (writable()) {
                write(COMMENT);
            }
        });
    }

    @Override
    protected Future<Void> finish(CloseReason reason) {
        HttpServerResponse response = exchange().response();
        return response.headWritten() ? response.end() : exchange().reply(reason);
    }

    @Override
    protected void released() {
        if (heartbeat >= 0) {
            exchange().vertx().cancelTimer(heartbeat);
        }
        opening.tryFail("The stream is closed");
    }

    private Future<Void> write(Buffer bytes) {
        HttpServerResponse response = exchange().response();
        if (!isOpen() || response.ended()) {
            return Future.failedFuture("The stream is closed");
        }
        if (!response.headWritten()) {
            response.setChunked(true)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                    .putHeader(HttpHeaders.CACHE_CONTROL, "no-store, no-transform")
                    .putHeader("X-Content-Type-Options", "nosniff")
                    // A compressor of the host would hold events back until its window is full.
                    .putHeader(HttpHeaders.CONTENT_ENCODING, HttpHeaders.IDENTITY)
                    // nginx would too.
                    .putHeader("X-Accel-Buffering", "no");
        }
        return counted(response.write(bytes));
    }

    private Future<Void> counted(Future<Void> written) {
        if (!written.isComplete()) {
            writing++;
            written.onComplete(done -> writing--);
        }
        return written;
    }

    private Future<Void> write(Batch batch) {
        ChannelOutput direct = channel;
        // Not before the head is out, and never past something that Vert.x still keeps: it would overtake.
        if (direct == null
                || batch.cursors() != null
                || writing > 0
                || !exchange().response().headWritten()) {
            return write(join(batch));
        }
        return counted(direct.write(batch.joined(EventFormat.CHUNK)));
    }

    private static Buffer join(Batch batch) {
        List<Buffer> frames = batch.frames();
        List<String> cursors = batch.cursors();
        if (frames.size() == 1 && cursors == null) {
            return frames.get(0);
        }
        Buffer joined = Buffer.buffer(batch.bytes());
        for (int i = 0; i < frames.size(); i++) {
            if (cursors != null) {
                joined.appendString("id: ").appendString(cursors.get(i)).appendString("\n");
            }
            joined.appendBuffer(frames.get(i));
        }
        return joined;
    }
}
