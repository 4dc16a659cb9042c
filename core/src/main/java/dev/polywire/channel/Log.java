package dev.polywire.channel;

/** Where this package reports what went wrong in somebody else's code. */
final class Log {
    private static final System.Logger LOGGER = System.getLogger("dev.polywire.channel");

    private Log() {}

    static void warn(String what, Throwable cause) {
        LOGGER.log(System.Logger.Level.WARNING, what, cause);
    }
}
