package dev.polywire.client;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Why a wire ended.
 *
 * @param code a reason's name, or a close code that came without one; null when there is none
 * @param status HTTP status, or 0
 * @param message for people
 * @param retryAfter milliseconds, or 0
 * @param silent nothing was heard in time
 * @param cut by our own wish: says nothing about the wire
 * @param reconnect what the other end, or the machine, says to do; null to go by the code
 */
record Failure(
        @Nullable String code,
        int status,
        @Nullable String message,
        long retryAfter,
        boolean silent,
        boolean cut,
        @Nullable Verdict reconnect) {

    /** What follows from the end of a wire. */
    enum Verdict {
        NONE,
        RESUME,
        NEW;

        static @Nullable Verdict of(@Nullable String name) {
            if (name == null) {
                return null;
            }
            return switch (name) {
                case "none" -> NONE;
                case "resume" -> RESUME;
                case "new" -> NEW;
                default -> null;
            };
        }
    }

    /** Reasons after which not to come back (section 7), and those that need a new session. */
    private static final Pattern STOP = Pattern.compile(
            "normal|unsupported_\\w+|policy|bad_frame|unauthenticated|invalid_token|forbidden|replaced|disconnected|1003|1008|400[012478]|4013");

    private static final Pattern NEW =
            Pattern.compile("restart|unknown|expired|slow_consumer|lost|denied|1012|4005|401[12]");

    static Failure of(@Nullable String code) {
        return new Failure(code, 0, null, 0, false, false, null);
    }

    static Failure network(Throwable cause) {
        return new Failure("network", 0, String.valueOf(cause.getMessage()), 0, false, false, null);
    }

    /** Nothing was heard in time. */
    static Failure silence() {
        return new Failure("silent", 0, null, 0, true, false, null);
    }

    Failure with(@Nullable String other) {
        return new Failure(other, status, message, retryAfter, silent, cut, reconnect);
    }

    /** Judges what follows: stop, resume the session or open a new one. */
    static Verdict judge(String code, int status, @Nullable Verdict told) {
        // A refusal of who we are is the same on every wire (R42).
        if (status == 401 || status == 403) {
            return Verdict.NONE;
        }
        if (told != null) {
            return told;
        }
        return STOP.matcher(code).matches() ? Verdict.NONE : NEW.matcher(code).matches() ? Verdict.NEW : Verdict.RESUME;
    }
}
