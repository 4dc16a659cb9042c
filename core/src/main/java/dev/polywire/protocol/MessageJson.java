package dev.polywire.protocol;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code message} frames, which are nearly all that a busy server encodes, without a generator: each goes into one array of
 * just its length. It writes what {@link FrameWriter} writes, to the letter, as long as nothing has to be escaped.
 */
final class MessageJson {
    private static final byte[] TYPE = ascii("{\"type\":\"message\"");
    private static final byte[] CHANNEL = ascii(",\"channel\":\"");
    private static final byte[] EVENT = ascii(",\"event\":\"");
    private static final byte[] PAYLOAD = ascii(",\"payload\":");
    private static final byte[] TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] OFFSET = ascii(",\"offset\":");
    private static final byte[] USER = ascii(",\"user\":\"");
    private static final byte[] KEY = ascii(",\"key\":\"");
    private static final byte[] SENT_AT = ascii(",\"sentAt\":");
    private static final byte[] TRACE_ID = ascii(",\"traceId\":\"");
    private static final byte[] CONFIRM = ascii(",\"confirm\":\"");
    private static final byte[] ATTEMPT = ascii(",\"attempt\":");

    private final ServerFrame.Message message;

    /** Null while the length is found out. */
    private byte @Nullable [] out;

    private int length;

    private MessageJson(ServerFrame.Message message) {
        this.message = message;
    }

    /** Returns the frame as JSON, or null when something in it must be escaped or is not ASCII. */
    static byte @Nullable [] write(ServerFrame.Message message) {
        if (!plain(message.channel())
                || !plain(message.event())
                || !plain(message.user())
                || !plain(message.key())
                || !plain(message.traceId())
                || !plain(message.confirm())
                || message.timestamp() < 0
                || (message.sentAt() != null && message.sentAt() < 0)) {
            return null;
        }
        MessageJson writer = new MessageJson(message);
        writer.all();
        byte[] json = new byte[writer.length];
        writer.out = json;
        writer.length = 0;
        writer.all();
        return json;
    }

    /** Tells whether a text stands for itself within quotation marks. */
    static boolean plain(@Nullable String text) {
        if (text != null) {
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                    return false;
                }
            }
        }
        return true;
    }

    private void all() {
        add(TYPE);
        text(CHANNEL, message.channel());
        text(EVENT, message.event());
        add(PAYLOAD);
        add(message.payload().bytes());
        number(TIMESTAMP, message.timestamp());
        if (message.offset() >= 1) {
            number(OFFSET, message.offset());
        }
        text(USER, message.user());
        text(KEY, message.key());
        Long sentAt = message.sentAt();
        if (sentAt != null) {
            number(SENT_AT, sentAt);
        }
        text(TRACE_ID, message.traceId());
        text(CONFIRM, message.confirm());
        if (message.attempt() >= 2) {
            number(ATTEMPT, message.attempt());
        }
        add((byte) '}');
    }

    private void text(byte[] name, @Nullable String value) {
        if (value != null) {
            add(name);
            add(value);
            add((byte) '"');
        }
    }

    private void number(byte[] name, long value) {
        add(name);
        int digits = 1;
        for (long rest = value / 10; rest > 0; rest /= 10) {
            digits++;
        }
        if (out != null) {
            long rest = value;
            for (int at = length + digits - 1; at >= length; at--) {
                out[at] = (byte) ('0' + rest % 10);
                rest /= 10;
            }
        }
        length += digits;
    }

    private void add(byte[] bytes) {
        if (out != null) {
            System.arraycopy(bytes, 0, out, length, bytes.length);
        }
        length += bytes.length;
    }

    private void add(String ascii) {
        if (out != null) {
            for (int i = 0; i < ascii.length(); i++) {
                out[length + i] = (byte) ascii.charAt(i);
            }
        }
        length += ascii.length();
    }

    private void add(byte one) {
        if (out != null) {
            out[length] = one;
        }
        length++;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
