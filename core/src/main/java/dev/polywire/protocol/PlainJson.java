package dev.polywire.protocol;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes a frame without a generator, into one array of just its length: what there is to write is gone through twice, first to
 * find out how long it is. Nothing is escaped, so that texts must be {@link #plain}, and numbers must not be negative.
 */
abstract class PlainJson {
    /** Null while the length is found out. */
    private byte @Nullable [] out;

    private int length;

    /** Adds all of the frame. */
    abstract void all();

    /** Returns the frame. */
    final byte[] json() {
        all();
        byte[] json = new byte[length];
        out = json;
        length = 0;
        all();
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

    /** Adds a member whose value is a text, unless that is null. */
    final void text(byte[] name, @Nullable String value) {
        if (value != null) {
            add(name);
            add(value);
            add((byte) '"');
        }
    }

    /** Adds a member whose value is a number. */
    final void number(byte[] name, long value) {
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

    /** Adds bytes. */
    final void add(byte[] bytes) {
        if (out != null) {
            System.arraycopy(bytes, 0, out, length, bytes.length);
        }
        length += bytes.length;
    }

    /** Adds a plain text. */
    final void add(String ascii) {
        if (out != null) {
            for (int i = 0; i < ascii.length(); i++) {
                out[length + i] = (byte) ascii.charAt(i);
            }
        }
        length += ascii.length();
    }

    /** Adds one byte. */
    final void add(byte one) {
        if (out != null) {
            out[length] = one;
        }
        length++;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
