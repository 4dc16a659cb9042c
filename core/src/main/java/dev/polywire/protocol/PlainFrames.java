package dev.polywire.protocol;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads, without a parser, the frames that every client sends, when they are written as clients commonly write them: without white
 * space, their members in one order, nothing escaped. What is written in any other way is left to the parser; whatever is read here
 * the parser would have read the same.
 */
final class PlainFrames {
    private static final byte[] TYPE = ascii("{\"type\":\"");
    private static final byte[] ID = ascii("\",\"id\":\"");

    // To the letter, from the beginning to the value.
    private static final byte[] RECEIVED = ascii("{\"type\":\"received\",\"count\":");
    private static final byte[] PONG = ascii("{\"type\":\"pong\",\"count\":");
    private static final byte[] HELLO = ascii("{\"type\":\"hello\",\"versions\":[1],\"client\":\"");
    private static final byte[] TOKEN = ascii("\",\"token\":\"");
    private static final byte[] SUBSCRIBE = ascii("{\"type\":\"subscribe\",\"id\":\"");
    private static final byte[] CHANNELS = ascii("\",\"channels\":[\"");
    private static final byte[] END_OF_CHANNELS = ascii("\"]}");
    private static final byte[] END = ascii("\"}");

    private static final Codec.Head RECEIVED_HEAD = new Codec.Head("received", "", false);
    private static final Codec.Head PONG_HEAD = new Codec.Head("pong", "", false);
    private static final Codec.Head HELLO_HEAD = new Codec.Head("hello", "", false);

    private static final List<Integer> FIRST_VERSION = List.of(1);

    private PlainFrames() {}

    /** Returns the head of a frame that is uncounted and has only a count, or null; most of what comes up, and read where it lies. */
    static Codec.@Nullable Head beat(Buffer bytes) {
        return count(bytes, RECEIVED) >= 0 ? RECEIVED_HEAD : count(bytes, PONG) >= 0 ? PONG_HEAD : null;
    }

    /** Returns the frame that has only a count, or null. */
    static @Nullable ClientFrame counting(Buffer bytes) {
        long count = count(bytes, RECEIVED);
        if (count >= 0) {
            return new ClientFrame.Received(count);
        }
        count = count(bytes, PONG);
        return count >= 0 ? new ClientFrame.Pong(count, null) : null;
    }

    private static long count(Buffer bytes, byte[] begin) {
        int from = begin.length;
        int end = bytes.length() - 1;
        if (end <= from || end > from + 15 || bytes.getByte(end) != '}') {
            return -1;
        }
        for (int i = 0; i < from; i++) {
            if (bytes.getByte(i) != begin[i]) {
                return -1;
            }
        }
        if (bytes.getByte(from) == '0' && end > from + 1) {
            return -1;
        }
        // Fifteen digits are always below 2^53.
        long count = 0;
        for (int i = from; i < end; i++) {
            int digit = bytes.getByte(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            count = count * 10 + digit;
        }
        return count;
    }

    /**
     * Returns the head of a {@code hello} that opens a session, or of a counted frame that begins with type and id: what follows
     * those cannot change it. Null for others.
     *
     * @param max how long a frame may be
     */
    static Codec.@Nullable Head head(byte[] json, int max) {
        if (!begins(json, 0, TYPE)) {
            return null;
        }
        if (begins(json, 0, HELLO)) {
            return json.length <= max && hello(json) != null ? HELLO_HEAD : null;
        }
        int end = text(json, TYPE.length, Limits.MAX_NAME);
        if (end == TYPE.length || !begins(json, end, ID)) {
            return null;
        }
        String type = string(json, TYPE.length, end);
        int from = end + ID.length;
        int until = text(json, from, Limits.MAX_ID);
        return until == from || until >= Math.min(json.length, max) || json[until] != '"' || FrameScan.uncounted(type)
                ? null
                : new Codec.Head(type, string(json, from, until), true);
    }

    /** Returns a {@code hello} that opens a session, or a {@code subscribe} to one channel without a position; null for others. */
    static @Nullable ClientFrame opening(byte[] json) {
        return begins(json, 0, HELLO) ? hello(json) : begins(json, 0, SUBSCRIBE) ? subscribe(json) : null;
    }

    private static @Nullable ClientFrame hello(byte[] json) {
        int from = HELLO.length;
        int end = text(json, from, 64);
        int last = end;
        String token = null;
        if (begins(json, end, TOKEN)) {
            int begin = end + TOKEN.length;
            last = text(json, begin, json.length - begin);
            token = string(json, begin, last);
        }
        return end < from + 16 || !ends(json, last, END)
                ? null
                : new ClientFrame.Hello(FIRST_VERSION, string(json, from, end), token, null, Payload.NULL);
    }

    private static @Nullable ClientFrame subscribe(byte[] json) {
        int from = SUBSCRIBE.length;
        int end = text(json, from, Limits.MAX_ID);
        int name = end + CHANNELS.length;
        if (end == from || !begins(json, end, CHANNELS)) {
            return null;
        }
        int last = text(json, name, Limits.MAX_CHANNEL);
        if (!ends(json, last, END_OF_CHANNELS)) {
            return null;
        }
        String channel = string(json, name, last);
        return Limits.isChannel(channel)
                ? new ClientFrame.Subscribe(string(json, from, end), List.of(channel), Map.of(), Map.of())
                : null;
    }

    /** Returns where a text that stands for itself ends, at the latest after so many characters. */
    private static int text(byte[] json, int from, int most) {
        int until = Math.min(json.length, from + most);
        int at = from;
        while (at < until && json[at] >= ' ' && json[at] <= '~' && json[at] != '"' && json[at] != '\\') {
            at++;
        }
        return at;
    }

    private static boolean begins(byte[] json, int at, byte[] with) {
        if (json.length - at < with.length) {
            return false;
        }
        for (int i = 0; i < with.length; i++) {
            if (json[at + i] != with[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean ends(byte[] json, int at, byte[] with) {
        return json.length - at == with.length && begins(json, at, with);
    }

    private static String string(byte[] json, int from, int until) {
        return new String(json, from, until - from, StandardCharsets.ISO_8859_1);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
