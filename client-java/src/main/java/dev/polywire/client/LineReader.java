package dev.polywire.client;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Cuts bytes into lines of UTF-8, wherever the network has cut them. */
final class LineReader {
    private final int most;
    private final Consumer<String> line;
    private Buffer rest = Buffer.buffer();

    /**
     * @param most bytes of a line
     * @param line gets each line, without its end
     */
    LineReader(int most, Consumer<String> line) {
        this.most = most;
        this.line = line;
    }

    /** Takes bytes in; false when a line is too long. */
    boolean add(Buffer bytes) {
        int from = 0;
        int length = bytes.length();
        for (int i = 0; i < length; i++) {
            if (bytes.getByte(i) != '\n') {
                continue;
            }
            Buffer whole = bytes.slice(from, i);
            if (rest.length() > 0) {
                whole = rest.appendBuffer(whole);
                rest = Buffer.buffer();
            }
            from = i + 1;
            if (whole.length() > most) {
                return false;
            }
            line.accept(whole.toString(StandardCharsets.UTF_8));
        }
        if (from < length) {
            rest.appendBuffer(bytes, from, length - from);
        }
        return rest.length() <= most;
    }
}
