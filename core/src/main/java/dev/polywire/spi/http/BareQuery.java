package dev.polywire.spi.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What the query of a bare read must hold to, beyond the names of the channels. */
final class BareQuery {
    private static final String START = "start";

    private BareQuery() {}

    /** Refuses what would be read as something else than was asked for. */
    static void check(@Nullable String query, @Nullable String since) {
        if (query != null && !isUtf8(query)) {
            // Decoded leniently, any of them would be the channel that is called U+FFFD.
            throw Handshakes.bad("The query is not UTF-8.");
        }
        if (since != null && !since.equals(START)) {
            throw Handshakes.bad("\"since\" can only be \"start\"; to go on from a place, use \"cursor\".");
        }
    }

    /** Tells whether reading begins with the history. */
    static boolean fromStart(@Nullable String since) {
        return START.equals(since);
    }

    /** Looks at all escapes of the query at once: what separates its parts is ASCII, which is no part of another character. */
    private static boolean isUtf8(String query) {
        ByteBuffer bytes = ByteBuffer.allocate(query.length());
        for (int i = 0; i < query.length(); i++) {
            char c = query.charAt(i);
            if (c != '%') {
                // Also for what is not ASCII: an escape is not continued by a character that stands for itself.
                bytes.put((byte) ' ');
                continue;
            }
            int high = i + 2 < query.length() ? Character.digit(query.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(query.charAt(i + 2), 16);
            if (low < 0) {
                return false;
            }
            bytes.put((byte) (high << 4 | low));
            i += 2;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(bytes.flip());
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
