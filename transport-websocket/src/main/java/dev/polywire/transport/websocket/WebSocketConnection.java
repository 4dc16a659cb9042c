package dev.polywire.transport.websocket;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Batch;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.WireFormat;
import dev.polywire.spi.http.Exchange;
import dev.polywire.spi.http.Hold;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** A WebSocket from its upgrade on: probes, then {@code hello}, then one frame per text message, then the close. */
final class WebSocketConnection extends MessageReader implements Connection {
    // How long a close frame may wait for what is queued in front of it, and for the peer's answer.
    private static final long GRACE_MS = 1000;

    // A client probes once (R18).
    private static final int MAX_PROBES = 3;

    private static final int MAX_UNREAD_PONGS = 64;
    private static final long TRIFLES_MS = 1000;

    // Not the exchange: the request, its headers and its routing would stay for as long as the WebSocket.
    private final SessionGateway gateway;
    private final ServerWebSocket socket;
    private final MessageWriter writer;
    private final Hold hold = new Hold();
    private final Promise<Void> closed = Promise.promise();
    private @Nullable Handshake who;
    private @Nullable CloseReason why;
    private boolean busy;
    private int probes;
    private int unread;
    private int trifles;
    /** Takes back the deadline for what is awaited of the peer. */
    private @Nullable Runnable noLonger;

    WebSocketConnection(Exchange exchange, Handshake who, ServerWebSocket socket, MessageWriter writer) {
        super(exchange.gateway().options().session().frame());
        this.gateway = exchange.gateway();
        this.who = who;
        this.socket = socket;
        this.writer = writer;
    }

    /** Begins to read. */
    void open() {
        await(gateway.options().session().helloTimeout().toMillis(), this::late);
        socket.closeHandler(gone -> lost());
        socket.exceptionHandler(this::failed);
        socket.frameHandler(this);
    }

    private void late() {
        refuse(new Refusal(ErrorCode.TIMEOUT, CloseReason.AUTHENTICATION_TIMEOUT, "No hello came in time."));
    }

    private void await(long millis, Runnable late) {
        stopWaiting();
        noLonger = gateway.after(millis, late);
    }

    private void stopWaiting() {
        Runnable waiting = noLonger;
        if (waiting != null) {
            noLonger = null;
            waiting.run();
        }
    }

    @Override
    public WireFormat format() {
        return writer.format();
    }

    @Override
    public boolean writable() {
        return isOpen() && !busy;
    }

    @Override
    public Future<Void> send(Batch batch) {
        if (!isOpen()) {
            return Future.failedFuture("The WebSocket is closed");
        }
        Future<Void> room = writer.write(batch);
        if (!room.isComplete()) {
            busy = true;
            room.onComplete(written -> busy = false);
        }
        return room;
    }

    @Override
    public Future<Void> close(CloseReason reason) {
        if (isOpen()) {
            why = reason;
            close(reason.code(), reason.wire());
        }
        return closed.future();
    }

    private boolean isOpen() {
        return why == null && hold.isOpen();
    }

    @Override
    void received(Buffer message) {
        if (!isOpen()) {
            return;
        }
        Attachment attachment = hold.attachment();
        if (attachment != null) {
            attachment.receive(message);
            return;
        }
        Handshake visitor = who;
        if (visitor == null) {
            // Between hello and its answer the socket is paused.
            return;
        }
        Buffer pong = gateway.probe(message);
        if (pong == null) {
            attach(visitor, message);
        } else if (++probes <= MAX_PROBES) {
            writer.say(pong);
        } else {
            refuse(new Refusal(ErrorCode.BAD_FRAME, CloseReason.BAD_FRAME, "After a probe comes hello."));
        }
    }

    private void attach(Handshake visitor, Buffer frame) {
        who = null;
        stopWaiting();
        Future<Attachment> attaching = gateway.attach(visitor, frame, this);
        if (attaching.succeeded()) {
            hold.attached(attaching.result());
            return;
        }
        // What follows waits in the socket: it is for the session, which is not there yet.
        socket.pause();
        attaching.onComplete(
                made -> {
                    hold.attached(made);
                    socket.resume();
                },
                cause -> {
                    refuse(Exchange.refusal(cause));
                    socket.resume();
                });
    }

    private void refuse(Refusal refusal) {
        if (isOpen()) {
            writer.say(refusal.toFrame().toBuffer(), refusal.toBye().toBuffer());
            close(refusal.reason());
        }
    }

    // Vert.x answers each ping, and keeps the pongs without bound when the peer does not read them.
    @Override
    void pinged() {
        unread = writer.isWritable() ? 0 : unread + 1;
        if (unread > MAX_UNREAD_PONGS && isOpen()) {
            why = CloseReason.POLICY;
            writer.cut();
        }
    }

    // As many a second as a client may send messages at once; far more than any needs to show that it is there.
    @Override
    void trifled() {
        if (trifles++ == 0) {
            gateway.after(TRIFLES_MS, () -> trifles = 0);
        } else if (trifles > gateway.options().session().rate().messageBurst()) {
            violated(CloseReason.POLICY);
        }
    }

    /** Closes because of what the peer sent. */
    @Override
    void violated(CloseReason reason) {
        if (isOpen()) {
            JsonObject bye = new Refusal(ErrorCode.BAD_FRAME, reason, reason.wire()).toBye();
            if (who == null) {
                // How many the session has sent is not known here, and a wrong number would look like loss.
                bye.remove("sent");
            }
            writer.say(bye.toBuffer());
            close(reason);
            writer.ignore();
        }
    }

    private void failed(Throwable cause) {
        if (cause instanceof CodecException && isOpen()) {
            // Vert.x closes the channel right after this, without a word.
            if (Inflation.exceeded(cause)
                    || cause instanceof CorruptedWebSocketFrameException corrupted
                            && corrupted.closeStatus().code() == WebSocketCloseStatus.MESSAGE_TOO_BIG.code()) {
                violated(CloseReason.TOO_LARGE);
            } else {
                why = CloseReason.BAD_FRAME;
                close(WebSocketCloseStatus.PROTOCOL_ERROR.code(), "protocol_error");
            }
            writer.flush();
        }
    }

    private void close(int code, String text) {
        await(GRACE_MS, writer::cut);
        socket.close((short) code, text);
    }

    private void lost() {
        stopWaiting();
        hold.lost(why == null ? CloseReason.NORMAL : why);
        closed.tryComplete();
    }
}
