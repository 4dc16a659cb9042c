package dev.polywire.benchmarks.load;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The head of an HTTP/1.1 reply. */
final class HttpHead {
    private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);

    private HttpHead() {}

    /** Returns the offset behind the empty line that ends a head, or -1 when there is none yet. */
    static int end(byte[] data, int from, int to) {
        for (int i = from + 3; i < to; i++) {
            if (data[i] == '\n' && data[i - 1] == '\r' && data[i - 2] == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    static int status(byte[] data, int from) {
        return (data[from + 9] - '0') * 100 + (data[from + 10] - '0') * 10 + data[from + 11] - '0';
    }

    /** Returns the content length, or -1 when the head names none. */
    static int length(byte[] data, int from, int end) {
        for (int line = from; line < end; line++) {
            if (data[line] == '\n' && named(data, line + 1, end)) {
                int value = 0;
                for (int i = line + 1 + LENGTH.length; i < end && data[i] != '\r'; i++) {
                    if (data[i] != ' ') {
                        value = value * 10 + data[i] - '0';
                    }
                }
                return value;
            }
        }
        return -1;
    }

    private static boolean named(byte[] data, int at, int end) {
        if (end - at < LENGTH.length) {
            return false;
        }
        for (int i = 0; i < LENGTH.length; i++) {
            if ((data[at + i] | 0x20) != (LENGTH[i] | 0x20)) {
                return false;
            }
        }
        return true;
    }

    /** Returns the value of a header, or an empty text; for heads that are rare. */
    static String value(byte[] data, int from, int end, String name) {
        String head = new String(data, from, end - from, StandardCharsets.ISO_8859_1);
        int at = head.toLowerCase(Locale.ROOT).indexOf("\r\n" + name.toLowerCase(Locale.ROOT) + ':');
        if (at < 0) {
            return "";
        }
        int begin = at + name.length() + 3;
        return head.substring(begin, head.indexOf('\r', begin)).trim();
    }
}
