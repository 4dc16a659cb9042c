package dev.polywire.session;

import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Batch;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Peers;
import dev.polywire.spi.WireFormat;
import dev.polywire.spi.http.Hold;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A poll that waits at another node. What it is given before the other node has been answered goes with that answer, and the rest by questions of its own. On its session's loop.
 */
final class RemoteConnection implements Connection {
    /** How long a reply may take to be written at the other node, milliseconds. */
    private static final long WRITTEN = 30_000;

    private final String node;
    private final long id;
    private final Peers peers;
    private final EventLoop loop;
    private final Runnable forget;
    private final Hold hold = new Hold();
    private final TimerWheel.Timer bound;
    private final List<RelayFrames.Part> first = new ArrayList<>(2);
    private boolean told;
    private boolean answered;
    private @Nullable CloseReason closed;

    /**
     * Creates a connection.
     *
     * @param node where the poll is
     * @param id what it is called there
     * @param most how long it may last, milliseconds: its node may die
     * @param forget run once when it is over
     */
    RemoteConnection(String node, long id, Peers peers, EventLoop loop, long most, Runnable forget) {
        this.node = node;
        this.id = id;
        this.peers = peers;
        this.loop = loop;
        this.forget = forget;
        this.bound = loop.after(most, this::over);
    }

    EventLoop loop() {
        return loop;
    }

    /** Its session has it. */
    void attached(Attachment attachment) {
        hold.attached(attachment);
    }

    /** Returns what the other node is answered; from then on it is asked. */
    Buffer answer() {
        told = true;
        Buffer answer = RelayFrames.write(new RelayFrames.Attached(List.copyOf(first), closed));
        first.clear();
        if (closed != null) {
            over();
        }
        // Answered with frames, it is over when the other node says so: the session's grace runs from the last byte.
        return answer;
    }

    /** The poll is no more. */
    void over() {
        if (hold.lost(CloseReason.NORMAL)) {
            bound.cancel();
            forget.run();
        }
    }

    @Override
    public WireFormat format() {
        // The other node frames it as its wire wants it.
        return WireFormat.JSON;
    }

    @Override
    public boolean writable() {
        return hold.isOpen() && !answered && closed == null;
    }

    @Override
    public boolean streams() {
        return false;
    }

    @Override
    public Future<Void> send(Batch batch) {
        if (!writable()) {
            return Future.failedFuture("The poll was answered");
        }
        RelayFrames.Part part = new RelayFrames.Part(batch);
        answered = part.answers();
        if (!told) {
            first.add(part);
            return Future.succeededFuture();
        }
        Promise<Void> written = Promise.promise();
        peers.ask(node, RelayFrames.write(new RelayFrames.Frames(id, part)), WRITTEN)
                .onComplete(asked -> loop.run(() -> {
                    boolean well = asked.succeeded()
                            && RelayFrames.answer(asked.result()) instanceof RelayFrames.Done done
                            && done.well();
                    if (well) {
                        written.complete();
                    } else {
                        written.fail("It is not known to be written");
                    }
                    if (answered || !well) {
                        // The grace of the session runs from the last byte of the reply.
                        over();
                    }
                }));
        return written.future();
    }

    @Override
    public Future<Void> close(CloseReason reason) {
        if (answered && told && reason == CloseReason.REPLACED) {
            // Its client is past it, whether or not its node has got the answer.
            over();
        } else if (hold.isOpen() && closed == null && !(answered && told)) {
            closed = reason;
            if (told) {
                // Should it get lost, the poll's own time runs out.
                peers.ask(node, RelayFrames.write(new RelayFrames.Close(id, reason)), Relay.PATIENCE);
                over();
            }
        }
        return Future.succeededFuture();
    }
}
