package dev.polywire.cluster.redis;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;

/** Redis did not answer, or could not be asked. Has no stack trace: an outage brings many. */
final class Away extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean sent;

    Away(String message, boolean sent) {
        super(message, null, false, false);
        this.sent = sent;
    }

    /** Tells whether Redis may have got it; when not, it certainly did nothing. */
    boolean sent() {
        return sent;
    }

    /** Turns any failure of a call into what clients are told. */
    static ProtocolException unavailable(Throwable cause) {
        return cause instanceof ProtocolException known
                ? known
                : new ProtocolException(ErrorCode.UNAVAILABLE, "The store does not answer at the moment.", null, 1000);
    }
}
