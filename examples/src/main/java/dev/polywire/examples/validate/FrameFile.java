package dev.polywire.examples.validate;

import dev.polywire.protocol.JsonCodec;
import dev.polywire.protocol.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a file: one on each line, with {@code >} (from the client) or {@code <} (from the server) before it where that matters; or one JSON array of
 * frames; or one frame over several lines. Empty lines and lines that begin with {@code #} are left out.
 */
final class FrameFile {

    /**
     * One frame.
     *
     * @param place such as {@code 3}, the line, or {@code [2]}, the element of the array
     * @param direction who sent it; null when the file does not say
     * @param bytes the frame as it stands there
     */
    record Entry(String place, @Nullable Direction direction, Buffer bytes) {}

    private FrameFile() {}

    /** Takes a file apart. What is no frame is an entry, too: somebody else says what is wrong with it. */
    static List<Entry> entries(byte[] file) {
        List<Entry> whole = whole(file);
        return whole.isEmpty() ? lines(file) : whole;
    }

    private static List<Entry> whole(byte[] file) {
        List<Entry> entries = new ArrayList<>();
        try {
            for (Buffer frame : new JsonCodec(1, 32).split(Buffer.buffer(file))) {
                entries.add(new Entry("[" + entries.size() + "]", null, frame));
            }
        } catch (ProtocolException e) {
            return List.of(); // not one JSON text, or not well-formed: line by line, it is known where
        }
        boolean one = entries.size() == 1 && file[first(file)] == '{';
        return one ? List.of(new Entry("1", null, entries.get(0).bytes())) : entries;
    }

    private static int first(byte[] file) {
        int at = 0;
        while (at < file.length - 1 && Character.isWhitespace(file[at])) {
            at++;
        }
        return at;
    }

    private static List<Entry> lines(byte[] file) {
        List<Entry> entries = new ArrayList<>();
        int line = 1;
        for (int start = 0; start < file.length; line++) {
            int end = start;
            while (end < file.length && file[end] != '\n') {
                end++;
            }
            line(line, file, start, end, entries);
            start = end + 1;
        }
        return entries;
    }

    private static void line(int number, byte[] file, int from, int to, List<Entry> entries) {
        int start = from;
        int end = to;
        while (end > start && (file[end - 1] == '\r' || file[end - 1] == ' ')) {
            end--;
        }
        Direction direction = null;
        if (end > start && (file[start] == '>' || file[start] == '<')) {
            direction = file[start] == '>' ? Direction.CLIENT : Direction.SERVER;
            start++;
        }
        while (start < end && file[start] == ' ') {
            start++;
        }
        if (start < end && file[start] != '#') {
            Buffer bytes = Buffer.buffer(end - start).appendBytes(file, start, end - start);
            entries.add(new Entry(Integer.toString(number), direction, bytes));
        }
    }
}
