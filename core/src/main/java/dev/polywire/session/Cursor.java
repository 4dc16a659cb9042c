package dev.polywire.session;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Limits;
import dev.polywire.protocol.Position;
import dev.polywire.spi.Refusal;
import io.vertx.core.json.JsonArray;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The positions of a bare reader's channels as one opaque text (R46). A channel without history has no position in it. */
final class Cursor {
    private static final int LONGEST = 16 * 1024;

    private Cursor() {}

    static String write(Map<String, @Nullable Position> positions) {
        JsonArray all = new JsonArray();
        positions.forEach((channel, position) -> {
            JsonArray one = new JsonArray().add(channel);
            if (position != null) {
                one.add(position.epoch()).add(position.offset());
            }
            all.add(one);
        });
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(all.encode().getBytes(StandardCharsets.UTF_8));
    }

    /** Reads a cursor; refuses one that was not written by {@link #write}. */
    static Map<String, @Nullable Position> read(String text) {
        Map<String, @Nullable Position> positions = new LinkedHashMap<>();
        try {
            if (text.length() > LONGEST) {
                throw new IllegalArgumentException();
            }
            JsonArray all = new JsonArray(new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8));
            for (Object element : all) {
                JsonArray one = (JsonArray) element;
                String channel = one.getString(0);
                if (channel == null || !Limits.isChannel(channel)) {
                    throw new IllegalArgumentException();
                }
                positions.put(channel, one.size() == 1 ? null : new Position(one.getString(1), one.getLong(2)));
            }
        } catch (RuntimeException e) {
            throw new Refusal(ErrorCode.BAD_CURSOR, CloseReason.BAD_FRAME, "This is not a cursor of this server.");
        }
        return positions;
    }
}
