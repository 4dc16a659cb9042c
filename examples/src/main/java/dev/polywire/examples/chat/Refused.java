package dev.polywire.examples.chat;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;

/** Refusals, each with a sentence that the page shows to the person. */
final class Refused {
    private Refused() {}

    static ProtocolException forbidden(String sentence) {
        return new ProtocolException(ErrorCode.FORBIDDEN, sentence);
    }

    static ProtocolException bad(String sentence) {
        return new ProtocolException(ErrorCode.BAD_FRAME, sentence);
    }

    static ProtocolException missing(String sentence) {
        return new ProtocolException(ErrorCode.NOT_FOUND, sentence);
    }

    static ProtocolException tooFast(String sentence, long retryAfter) {
        return new ProtocolException(ErrorCode.RATE_LIMITED, sentence, null, retryAfter);
    }

    static ProtocolException unavailable(String sentence) {
        return new ProtocolException(ErrorCode.UNAVAILABLE, sentence);
    }
}
