package dev.polywire.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Finds the type and the id of a frame, and stops as soon as nothing that follows could change the answer.
 *
 * <p>Whether a frame counts must not depend on luck: one is uncounted only when all of it is well-formed and it has one
 * type, an uncounted one (R1). So those, which are short, are read to their end; the others, which may be long, only up
 * to type and id.
 */
final class FrameScan {
    private String type = "";
    private String id = "";
    private boolean typed;
    private boolean twice;

    private FrameScan() {}

    /** Scans at most {@code max} bytes; a longer frame counts. Never throws. */
    static Codec.Head scan(JsonFactory factory, byte[] json, int max) {
        FrameScan scan = new FrameScan();
        boolean whole = false;
        try (JsonParser in = factory.createParser(json, 0, Math.min(json.length, max))) {
            whole = scan.read(in) && json.length <= max && !scan.twice && JsonText.isUtf8(json);
        } catch (IOException | RuntimeException e) {
            // no frame, or the beginning of one: what was read so far is the answer, and it counts
        }
        return new Codec.Head(scan.type, scan.id, !(whole && uncounted(scan.type)));
    }

    /** Tells whether the end was reached and is where it should be. */
    private boolean read(JsonParser in) throws IOException {
        if (in.nextToken() != JsonToken.START_OBJECT) {
            return false;
        }
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            JsonToken token = in.nextToken();
            if (name.equals(Member.TYPE.wire())) {
                twice |= typed;
                typed = true;
                type = text(in, token, type, Limits.MAX_NAME);
            } else if (name.equals(Member.ID.wire())) {
                id = text(in, token, id, Limits.MAX_ID);
            } else {
                in.skipChildren();
            }
            if (typed && !id.isEmpty() && !uncounted(type)) {
                return false;
            }
        }
        return in.nextToken() == null;
    }

    private static String text(JsonParser in, @Nullable JsonToken token, String before, int max) throws IOException {
        if (token != JsonToken.VALUE_STRING) {
            in.skipChildren();
            return before;
        }
        String text = in.getText();
        return before.isEmpty() && text.length() <= max && JsonText.isPaired(text) ? text : before;
    }

    /** Tells whether frames of a type have no number, provided that they are well-formed (R1). */
    static boolean uncounted(String type) {
        return switch (type) {
            case "received", "ping", "pong", "hello", "bye", "welcome" -> true;
            default -> false;
        };
    }
}
