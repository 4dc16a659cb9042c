package dev.polywire.cluster.redis;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame.Member;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A member as it lies in Redis: {@code node fence since length-of-user user state}.
 *
 * @param node who has its session
 * @param fence how many nodes had it in this channel before
 * @param member the member
 */
record Entrant(String node, long fence, Member member) {

    /** Writes what follows node and fence. */
    static Buffer rest(Member member) {
        String user = member.user();
        byte[] name = user == null ? new byte[0] : user.getBytes(StandardCharsets.UTF_8);
        byte[] state = member.state().bytes();
        return Buffer.buffer(state.length + name.length + 32)
                .appendString(member.since() + " " + (user == null ? -1 : name.length) + " ")
                .appendBytes(name)
                .appendBytes(state);
    }

    /**
     * Reads a member.
     *
     * @throws IllegalArgumentException when it is something else
     */
    static Entrant decode(String session, byte[] bytes, int start) {
        Reader reader = new Reader(bytes, start);
        return reader.entrant(session);
    }

    /** Reads words that end with a space, and then bytes. */
    static final class Reader {
        private final byte[] bytes;
        private int at;

        Reader(byte[] bytes, int at) {
            this.bytes = bytes;
            this.at = at;
        }

        String word() {
            int end = at;
            while (end < bytes.length && bytes[end] != ' ') {
                end++;
            }
            if (end >= bytes.length) {
                throw new IllegalArgumentException("That is no member.");
            }
            String word = new String(bytes, at, end - at, StandardCharsets.UTF_8);
            at = end + 1;
            return word;
        }

        long number() {
            return Long.parseLong(word());
        }

        String text(long length) {
            if (length < 0 || length > bytes.length - at) {
                throw new IllegalArgumentException("That is no member.");
            }
            String text = new String(bytes, at, (int) length, StandardCharsets.UTF_8);
            at += (int) length;
            return text;
        }

        Entrant entrant(String session) {
            String node = word();
            long fence = number();
            long since = number();
            long length = number();
            @Nullable String user = length < 0 ? null : text(length);
            byte[] state = java.util.Arrays.copyOfRange(bytes, at, bytes.length);
            return new Entrant(node, fence, new Member(session, user, Payload.ofTrusted(state), since));
        }
    }
}
