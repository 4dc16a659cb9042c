package dev.polywire.channel;

import dev.polywire.protocol.ProtocolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where this package reports what went wrong in somebody else's code. */
final class Log {
    private static final Logger LOGGER = LoggerFactory.getLogger("dev.polywire.channel");

    private Log() {}

    static void warn(String what, Throwable cause) {
        if (cause instanceof ProtocolException) {
            // An answer, not a fault: an outage gives one for every channel, and whoever suffers it has said so once.
            LOGGER.debug("{}: {}", what, cause.getMessage());
        } else {
            LOGGER.warn(what, cause);
        }
    }
}
