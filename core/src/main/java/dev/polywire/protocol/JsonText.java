package dev.polywire.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Work on JSON as bytes that Jackson does not do, or does not do strictly enough. */
final class JsonText {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080808080808080L;

    private JsonText() {}

    /**
     * Tells whether bytes are UTF-8 as RFC 3629 has it.
     *
     * <p>Jackson 2.21 takes overlong forms and code points above U+10FFFF, and surrogates in what it skips. We pass
     * payloads on as they came, and a browser closes its connection (1007) over such bytes: without this check one
     * publisher could cut off every subscriber of a channel.
     */
    static boolean isUtf8(byte[] bytes) {
        int i = 0;
        int n = bytes.length;
        while (i < n) {
            if (i + 8 <= n && ((long) LONGS.get(bytes, i) & HIGH_BITS) == 0) {
                i += 8;
                continue;
            }
            int length = sequence(bytes, i);
            if (length == 0) {
                return false;
            }
            i += length;
        }
        return true;
    }

    /** The length of the well-formed sequence at an index; 0 when there is none. */
    private static int sequence(byte[] bytes, int i) {
        int first = bytes[i] & 0xff;
        if (first < 0x80) {
            return 1;
        }
        if (first < 0xc2 || first > 0xf4) {
            return 0;
        }
        int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (i + length > bytes.length) {
            return 0;
        }
        // the second byte's range depends on the first: that is where overlong forms and surrogates are
        int second = bytes[i + 1] & 0xff;
        int low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < low || second > high) {
            return 0;
        }
        for (int k = 2; k < length; k++) {
            if ((bytes[i + k] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return length;
    }

    /**
     * Copies one value without the white space between its tokens, which also puts it on one line.
     *
     * <p>The text of each token stays as it is: numbers keep every digit, strings their escapes. The value must be
     * well-formed.
     */
    static byte[] compact(byte[] json, int start, int end) {
        byte[] out = new byte[end - start];
        int length = 0;
        boolean inString = false;
        for (int i = start; i < end; i++) {
            byte b = json[i];
            if (inString) {
                if (b == '\\') {
                    out[length++] = b;
                    b = json[++i];
                } else if (b == '"') {
                    inString = false;
                }
            } else if (b == '"') {
                inString = true;
            } else if (b == ' ' || b == '\t' || b == '\n' || b == '\r') {
                continue;
            }
            out[length++] = b;
        }
        return length == out.length ? out : Arrays.copyOf(out, length);
    }

    /** Tells whether every surrogate in a string has its other half. */
    static boolean isPaired(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                i++;
                if (!Character.isHighSurrogate(c) || i == text.length() || !Character.isLowSurrogate(text.charAt(i))) {
                    return false;
                }
            }
        }
        return true;
    }
}
