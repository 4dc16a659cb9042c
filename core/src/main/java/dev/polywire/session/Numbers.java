package dev.polywire.session;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Limits;
import dev.polywire.spi.Refusal;
import io.vertx.core.MultiMap;

/** Reads counts from headers. */
final class Numbers {
    private Numbers() {}

    static long header(MultiMap headers, String name, long otherwise) {
        String text = headers.get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= 0 && value <= Limits.MAX_COUNT) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Told below, like a number that is out of range.
        }
        throw new Refusal(
                ErrorCode.BAD_FRAME, CloseReason.BAD_FRAME, name + " must be a whole number from 0 to 2^53-1.");
    }
}
