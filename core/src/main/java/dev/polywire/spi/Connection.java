package dev.polywire.spi;

import dev.polywire.protocol.CloseReason;
import io.vertx.core.Future;

/**
 * One connection that carries frames to a client for a while. All methods are called on the Vert.x context on which it was
 * attached, so an implementation needs no locks.
 *
 * <ol>
 *   <li>{@link #send} is never called while the future of an earlier call is incomplete: at most one batch is on its way, so
 *       nothing can be parked out of sight.
 *   <li>The future MUST complete when there is room for more, and MUST fail or stay incomplete when the bytes cannot be
 *       written; it says nothing about the client having them. It may be complete when it is returned, and should be while there is
 *       room: then the next batch costs no round through the event loop.
 *   <li>After the peer is gone the transport MUST call {@link Attachment#closed} once.
 * </ol>
 */
public interface Connection {

    /**
     * Returns how one encoded frame becomes bytes on this wire.
     *
     * @return the same object for all connections of a transport, because bytes are cached by it
     */
    WireFormat format();

    /**
     * Tells whether the connection would take a batch now. A waiting poll is writable until it was answered.
     *
     * @return false when it is closed or has no room
     */
    boolean writable();

    /**
     * Tells whether the connection lasts beyond one batch, so that heartbeats make sense on it.
     *
     * @return false for a poll, whose client comes back by itself
     */
    default boolean streams() {
        return true;
    }

    /**
     * Sends frames, in order, with one flush.
     *
     * @param batch the frames, already in this connection's format
     * @return completes when there is room for the next batch
     */
    Future<Void> send(Batch batch);

    /**
     * Closes at once, without waiting for what is unwritten. A {@code bye} was sent before, if one could be.
     *
     * @param reason why; sets the close code where the wire has one
     * @return completes when closed
     */
    Future<Void> close(CloseReason reason);
}
