package dev.polywire.session;

import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Batch;
import dev.polywire.spi.Connection;
import dev.polywire.spi.WireFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A connection that writes down what it is given, as it would have gone out. */
final class PaperWire implements Connection {
    private final String transport;
    private final WireFormat format;
    private final List<String> written = new CopyOnWriteArrayList<>();
    /** The memory of each batch. */
    final List<ByteBuf> laidOut = new CopyOnWriteArrayList<>();

    /** What a batch waits for; by default it is gone at once. */
    volatile Future<Void> sending = Future.succeededFuture();

    volatile @Nullable CloseReason closed;
    volatile Attachment attachment;

    PaperWire(String transport, WireFormat format) {
        this.transport = transport;
        this.format = format;
    }

    static PaperWire socket() {
        return new PaperWire("websocket", WireFormat.JSON);
    }

    /** A poll; it ends when the test says so. */
    static PaperWire poll() {
        return new PaperWire("longpoll", WireFormat.JSON);
    }

    /** Makes whoever reads it slow: what is sent from now on is on its way until the promise completes. */
    Promise<Void> slow() {
        Promise<Void> promise = Promise.promise();
        sending = promise.future();
        return promise;
    }

    String transport() {
        return transport;
    }

    /** Sends a frame up. */
    void up(JsonObject frame) {
        attachment.receive(frame.toBuffer());
    }

    List<String> written() {
        return written;
    }

    /** All frames so far, of a wire whose format is JSON. */
    List<JsonObject> frames() {
        return written.stream().map(JsonObject::new).toList();
    }

    List<JsonObject> heard(String type) {
        return frames().stream()
                .filter(frame -> type.equals(frame.getString("type")))
                .toList();
    }

    String id() {
        return heard("welcome").get(0).getString("session");
    }

    String secret() {
        return heard("welcome").get(0).getString("secret");
    }

    @Override
    public WireFormat format() {
        return format;
    }

    @Override
    public boolean streams() {
        return !transport.equals("longpoll");
    }

    @Override
    public boolean writable() {
        return closed == null;
    }

    @Override
    public Future<Void> send(Batch batch) {
        batch.frames().forEach(frame -> written.add(frame.toString()));
        laidOut.add(batch.joined(any -> Unpooled.buffer(1)));
        return sending;
    }

    @Override
    public Future<Void> close(CloseReason reason) {
        closed = reason;
        return Future.succeededFuture();
    }
}
