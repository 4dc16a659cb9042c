package dev.polywire.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The members of one JSON object, read in one pass and judged when they are asked for.
 *
 * <p>Judging later has two reasons: {@code type} may come last, and what is wrong for one type is an unknown member,
 * hence ignored, for another; and a refusal should name the frame's {@code id}, which may come after the member that is
 * wrong. A {@code null} is the same as no member, except where the value belongs to the application.
 */
final class Members {
    /** How many channels, positions or versions one frame may list. */
    static final int MAX_ITEMS = 1000;

    private static final Object NULL = new Object();

    /** Stands for a value that no member can have: a fraction, a number beyond 64 bits, or the wrong structure. */
    private static final Object OTHER = new Object();

    private final @Nullable Object[] values = new @Nullable Object[Member.COUNT_OF_ALL];
    private final @Nullable Members outer;
    private final String path;
    private @Nullable Member repeated;

    /** Members of a frame, nothing read yet. */
    Members() {
        this(null, "");
    }

    private Members(@Nullable Members outer, String path) {
        this.outer = outer;
        this.path = path;
    }

    /**
     * Reads the rest of an object whose opening brace the parser stands on. What was read before an exception stays.
     *
     * @param in the parser
     * @param json all that the parser reads from, from its offset 0
     */
    void read(JsonParser in, byte[] json) throws IOException {
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            JsonToken token = in.nextToken();
            Member member = Member.of(name);
            if (member == null) {
                in.skipChildren();
            } else if (values[member.ordinal()] != null) {
                repeated = member;
                in.skipChildren();
            } else {
                values[member.ordinal()] = member.opaque() ? opaque(in, json) : value(in, json, member, token);
            }
        }
    }

    private static Payload opaque(JsonParser in, byte[] json) throws IOException {
        int start = (int) in.currentTokenLocation().getByteOffset();
        in.skipChildren();
        in.finishToken();
        return Payload.ofTrusted(
                JsonText.compact(json, start, (int) in.currentLocation().getByteOffset()));
    }

    private Object value(JsonParser in, byte[] json, Member member, JsonToken token) throws IOException {
        if (token == JsonToken.START_OBJECT && outer == null) {
            if (member == Member.RESUME || member == Member.SINCE) {
                return nested(in, json, member);
            }
            if (member == Member.POSITIONS || member == Member.TOKENS) {
                return map(in, json, member);
            }
        } else if (token == JsonToken.START_ARRAY && (member == Member.CHANNELS || member == Member.VERSIONS)) {
            return list(in);
        }
        return scalar(in, token);
    }

    private static Object scalar(JsonParser in, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_STRING) {
            return in.getText();
        }
        if (token == JsonToken.VALUE_NUMBER_INT && in.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            return in.getLongValue();
        }
        if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
            return token == JsonToken.VALUE_TRUE;
        }
        in.skipChildren();
        return token == JsonToken.VALUE_NULL ? NULL : OTHER;
    }

    private Members nested(JsonParser in, byte[] json, Member member) throws IOException {
        Members members = new Members(this, member.wire() + ".");
        members.read(in, json);
        if (members.repeated != null) {
            repeated = member;
        }
        return members;
    }

    private Object map(JsonParser in, byte[] json, Member member) throws IOException {
        Map<String, Object> map = new LinkedHashMap<>();
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            JsonToken token = in.nextToken();
            if (map.size() > MAX_ITEMS) {
                in.skipChildren();
                continue;
            }
            Object value = token == JsonToken.START_OBJECT ? nested(in, json, member) : scalar(in, token);
            if (map.put(name, value) != null) {
                repeated = member;
            }
        }
        return map;
    }

    private static Object list(JsonParser in) throws IOException {
        List<Object> list = new ArrayList<>();
        for (JsonToken token = in.nextToken(); token != JsonToken.END_ARRAY; token = in.nextToken()) {
            if (list.size() > MAX_ITEMS) {
                in.skipChildren();
            } else {
                list.add(scalar(in, token));
            }
        }
        return list;
    }

    /** The frame's id, if it is one. */
    @Nullable
    String id() {
        if (outer != null) {
            return outer.id();
        }
        Object value = values[Member.ID.ordinal()];
        return value instanceof String id && isText(id, 1, Limits.MAX_ID) ? id : null;
    }

    /** A member that the object has twice, or null. */
    @Nullable
    Member repeated() {
        return repeated;
    }

    /** The member's value; null when it is absent or {@code null}. */
    private @Nullable Object get(Member member) {
        Object value = values[member.ordinal()];
        return value == NULL ? null : value;
    }

    /** A string with a length in UTF-16 units, as Java and JavaScript count. */
    String text(Member member, int min, int max) {
        return required(member, optionalText(member, min, max));
    }

    @Nullable
    String optionalText(Member member, int min, int max) {
        Object value = get(member);
        if (value == null) {
            return null;
        }
        if (value instanceof String text && isText(text, min, max)) {
            return text;
        }
        String length = max == Integer.MAX_VALUE ? "" : " of " + min + " to " + max + " characters";
        throw wrong(member, "must be a string" + length);
    }

    private static boolean isText(String text, int min, int max) {
        // half a surrogate pair has no UTF-8 form, and what we take in we must be able to send
        return text.length() >= min && text.length() <= max && JsonText.isPaired(text);
    }

    /** A whole number from 0 to 2^53-1. */
    long count(Member member) {
        return required(member, optionalCount(member));
    }

    @Nullable
    Long optionalCount(Member member) {
        Object value = get(member);
        if (value == null) {
            return null;
        }
        if (value instanceof Long count && count >= 0 && count <= Limits.MAX_COUNT) {
            return count;
        }
        throw wrong(member, "must be a whole number from 0 to 2^53-1");
    }

    boolean flag(Member member, boolean fallback) {
        Object value = get(member);
        if (value == null) {
            return fallback;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw wrong(member, "must be true or false");
    }

    /** A value of the application's; {@code null} counts as one. */
    Payload payload(Member member) {
        return required(member, optionalPayload(member));
    }

    @Nullable
    Payload optionalPayload(Member member) {
        return (Payload) values[member.ordinal()];
    }

    /** A channel's name. */
    String channel() {
        if (required(Member.CHANNEL, get(Member.CHANNEL)) instanceof String name) {
            return checkedChannel(name, Member.CHANNEL);
        }
        throw wrong(Member.CHANNEL, "must be a string");
    }

    List<String> channels() {
        List<?> items = list(Member.CHANNELS, 1);
        List<String> channels = new ArrayList<>(items.size());
        for (Object item : items) {
            if (!(item instanceof String name)) {
                throw wrong(Member.CHANNELS, "must hold strings");
            }
            channels.add(checkedChannel(name, Member.CHANNELS));
        }
        return List.copyOf(channels);
    }

    List<Integer> versions() {
        List<?> items = list(Member.VERSIONS, 0);
        List<Integer> versions = new ArrayList<>(items.size());
        for (Object item : items) {
            if (!(item instanceof Long version) || version < 0 || version > Integer.MAX_VALUE) {
                throw wrong(Member.VERSIONS, "must hold version numbers");
            }
            versions.add(version.intValue());
        }
        return List.copyOf(versions);
    }

    private List<?> list(Member member, int min) {
        Object value = required(member, get(member));
        if (value instanceof List<?> items && items.size() >= min && items.size() <= MAX_ITEMS) {
            return items;
        }
        throw wrong(member, "must be an array of " + min + " to " + MAX_ITEMS + " items");
    }

    /** Positions by channel; empty when there is no such member. */
    Map<String, Position> positions() {
        Object value = get(Member.POSITIONS);
        if (value == null) {
            return Map.of();
        }
        if (!(value instanceof Map<?, ?> map) || map.size() > MAX_ITEMS) {
            throw wrong(Member.POSITIONS, "must be an object of at most " + MAX_ITEMS + " positions");
        }
        Map<String, Position> positions = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            String channel = checkedChannel((String) entry.getKey(), Member.POSITIONS);
            if (entry.getValue() instanceof Members members) {
                positions.put(channel, members.asPosition());
            } else if (entry.getValue() != NULL) {
                throw wrong(Member.POSITIONS, "must hold positions");
            }
        }
        return positions;
    }

    /** Tokens by channel; empty when there is no such member. */
    Map<String, String> tokens() {
        Object value = get(Member.TOKENS);
        if (value == null) {
            return Map.of();
        }
        if (!(value instanceof Map<?, ?> map) || map.size() > MAX_ITEMS) {
            throw wrong(Member.TOKENS, "must be an object of at most " + MAX_ITEMS + " tokens");
        }
        Map<String, String> tokens = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            String channel = checkedChannel((String) entry.getKey(), Member.TOKENS);
            if (entry.getValue() instanceof String token && isText(token, 1, Integer.MAX_VALUE)) {
                tokens.put(channel, token);
            } else if (entry.getValue() != NULL) {
                throw wrong(Member.TOKENS, "must hold strings");
            }
        }
        return tokens;
    }

    @Nullable
    Position position(Member member) {
        Members members = object(member);
        return members == null ? null : members.asPosition();
    }

    /** An object; null when there is no such member. */
    @Nullable
    Members object(Member member) {
        Object value = get(member);
        if (value == null || value instanceof Members) {
            return (Members) value;
        }
        throw wrong(member, "must be an object");
    }

    private Position asPosition() {
        return new Position(text(Member.EPOCH, 1, 64), count(Member.OFFSET));
    }

    private String checkedChannel(String name, Member member) {
        if (Limits.isChannel(name) && JsonText.isPaired(name)) {
            return name;
        }
        String message = "`" + path + member.wire() + "` holds what is not a channel's name: 1 to " + Limits.MAX_CHANNEL
                + " characters without spaces and control characters.";
        throw new ProtocolException(ErrorCode.BAD_CHANNEL, message, id(), 0);
    }

    private <T> T required(Member member, @Nullable T value) {
        if (value == null) {
            throw wrong(member, "is missing");
        }
        return value;
    }

    /** A refusal that names a member. */
    ProtocolException wrong(Member member, String what) {
        return new ProtocolException(ErrorCode.BAD_FRAME, "`" + path + member.wire() + "` " + what + ".", id(), 0);
    }
}
