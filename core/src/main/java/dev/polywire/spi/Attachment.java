package dev.polywire.spi;

import dev.polywire.protocol.CloseReason;
import io.vertx.core.buffer.Buffer;

/** A connection's hold on a session, from attach until close. Called on the connection's context; safe to call when it has been replaced. */
public interface Attachment {

    /**
     * Takes one frame from the client.
     *
     * @param frame exactly one frame; copied if it is kept
     */
    void receive(Buffer frame);

    /**
     * Tells that the connection is gone. Only the first call counts.
     *
     * @param reason why, as far as the transport knows
     */
    void closed(CloseReason reason);
}
