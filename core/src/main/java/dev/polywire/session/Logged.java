package dev.polywire.session;

import dev.polywire.Principal;

/** Makes what a client has written fit for one line of a log. */
final class Logged {
    private static final int LONGEST = 128;

    private Logged() {}

    /** Returns a user's id, which the client's token may have said. */
    static String user(Principal principal) {
        return line(String.valueOf(principal.id()));
    }

    /** Replaces what could begin a line of its own, and cuts what is too long. */
    static String line(String text) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), LONGEST));
        for (int i = 0; i < text.length() && i < LONGEST; i++) {
            char c = text.charAt(i);
            line.append(Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? '?' : c);
        }
        return line.toString();
    }
}
