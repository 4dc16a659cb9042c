package dev.polywire.protocol;

/** Bounds that the protocol itself sets, whatever a server's options say. */
public final class Limits {

    /** The largest count, offset or number: 2^53-1, the largest integer that JavaScript holds exactly (R1). */
    public static final long MAX_COUNT = (1L << 53) - 1;

    /** Characters of a correlation id. */
    public static final int MAX_ID = 64;

    /** Characters of a channel's name. */
    public static final int MAX_CHANNEL = 128;

    /** Characters of an event, key, address or trace id. */
    public static final int MAX_NAME = 128;

    private Limits() {}

    /**
     * Tells whether a name can be a channel's (section 1).
     *
     * @param name the name
     * @return false when it is empty, too long, or has spaces or control characters
     */
    public static boolean isChannel(String name) {
        int length = name.length();
        if (length == 0 || length > MAX_CHANNEL) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = name.charAt(i);
            if (c <= ' '
                    || c == 0x7f
                    || Character.isISOControl(c)
                    || Character.isWhitespace(c)
                    || Character.isSpaceChar(c)) {
                return false;
            }
        }
        return true;
    }
}
