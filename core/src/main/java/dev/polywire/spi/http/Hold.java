package dev.polywire.spi.http;

import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Attachment;
import org.jspecify.annotations.Nullable;

/**
 * A connection's memory of its attachment: it tells {@link Attachment#closed} exactly once, also when the connection was
 * lost before the attach was done.
 */
public final class Hold {
    private @Nullable Attachment attachment;
    private @Nullable CloseReason lost;

    /** Creates one for a connection that is open and not attached. */
    public Hold() {}

    /**
     * Remembers the attachment.
     *
     * @param made what the gateway answered
     */
    public void attached(Attachment made) {
        attachment = made;
        if (lost != null) {
            made.closed(lost);
        }
    }

    /**
     * Notes that the connection is gone.
     *
     * @param reason why, as far as the transport knows
     * @return false when that was known already
     */
    public boolean lost(CloseReason reason) {
        if (lost != null) {
            return false;
        }
        lost = reason;
        if (attachment != null) {
            attachment.closed(reason);
        }
        return true;
    }

    /**
     * Tells whether the connection is still there.
     *
     * @return false after {@link #lost}
     */
    public boolean isOpen() {
        return lost == null;
    }

    /**
     * Returns the attachment.
     *
     * @return null before {@link #attached}
     */
    public @Nullable Attachment attachment() {
        return attachment;
    }
}
