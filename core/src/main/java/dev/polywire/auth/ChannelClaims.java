package dev.polywire.auth;

import dev.polywire.Authorizer.Action;
import dev.polywire.auth.Rule.Opinion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the claim {@code channels} of a token: which channels its bearer may use, and for what.
 *
 * <pre>{@code {"channels": {"chat:*": ["subscribe", "publish"], "news": ["subscribe"]}}}</pre>
 *
 * <p>A key is a channel's name, or what one begins with and a {@code *} at its end. The actions are {@code subscribe}, {@code publish},
 * {@code presence} and {@code history}. A claim of which anything is different, an unknown action or a {@code *} elsewhere, allows
 * nothing at all: whoever made it meant something that would be misread.
 */
final class ChannelClaims {
    /** The claim's name. */
    static final String CLAIM = "channels";

    private ChannelClaims() {}

    /** Tells what the claim says of an action on a channel. */
    static Opinion judge(JsonObject claims, Action action, String channel) {
        if (action == Action.CONNECT || action == Action.REQUEST || !claims.containsKey(CLAIM)) {
            return Opinion.NONE;
        }
        Iterable<? extends Map.Entry<String, ?>> patterns = entries(claims.getValue(CLAIM));
        if (patterns == null) {
            return Opinion.DENY;
        }
        Opinion opinion = Opinion.NONE;
        // To the end, also after the one that allows: what is wrong further on makes all of it void.
        for (Map.Entry<String, ?> each : patterns) {
            Iterable<?> actions = list(each.getValue());
            if (actions == null || !isPattern(each.getKey())) {
                return Opinion.DENY;
            }
            boolean matches = matches(each.getKey(), channel);
            for (Object name : actions) {
                Action listed = action(name);
                if (listed == null) {
                    return Opinion.DENY;
                }
                if (matches && listed == action) {
                    opinion = Opinion.ALLOW;
                }
            }
        }
        return opinion;
    }

    private static @Nullable Iterable<? extends Map.Entry<String, ?>> entries(@Nullable Object claim) {
        return claim instanceof JsonObject object ? object : null;
    }

    private static @Nullable Iterable<?> list(@Nullable Object value) {
        return value instanceof JsonArray array ? array : value instanceof List<?> list ? list : null;
    }

    private static boolean isPattern(String key) {
        int star = key.indexOf('*');
        return !key.isEmpty() && (star < 0 || star == key.length() - 1);
    }

    private static boolean matches(String pattern, String channel) {
        return pattern.endsWith("*")
                ? channel.startsWith(pattern.substring(0, pattern.length() - 1))
                : channel.equals(pattern);
    }

    private static @Nullable Action action(@Nullable Object name) {
        if (!(name instanceof String text)) {
            return null;
        }
        return switch (text) {
            case "subscribe" -> Action.SUBSCRIBE;
            case "publish" -> Action.PUBLISH;
            case "presence" -> Action.PRESENCE;
            case "history" -> Action.HISTORY;
            default -> null;
        };
    }
}
