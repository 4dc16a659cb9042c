package dev.polywire.channel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where this package reports what went wrong in somebody else's code. */
final class Log {
    private static final Logger LOGGER = LoggerFactory.getLogger("dev.polywire.channel");

    private Log() {}

    static void warn(String what, Throwable cause) {
        LOGGER.warn(what, cause);
    }
}
