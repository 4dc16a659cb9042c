package dev.polywire.benchmarks.load;

import java.util.Arrays;

/** Server-Sent Events in a chunked HTTP/1.1 reply, or in one that ends with its connection. Each {@code data} line is a text. */
final class EventStreamFraming implements Framing {
    private enum State {
        HEAD,
        SIZE,
        DATA,
        DATA_END
    }

    private State state = State.HEAD;
    private boolean chunked;
    private int chunk;
    /** A line whose end has not come. */
    private byte[] line = new byte[256];

    private int lineLength;

    @Override
    public int consume(Link link, byte[] data, int from, int to) {
        int at = from;
        while (at < to && !link.isClosed()) {
            switch (state) {
                case HEAD -> {
                    int end = HttpHead.end(data, at, to);
                    if (end < 0) {
                        return at;
                    }
                    head(link, data, at, end);
                    at = end;
                }
                case SIZE -> {
                    int end = newline(data, at, to);
                    if (end < 0) {
                        return at;
                    }
                    chunk = hex(data, at, end);
                    if (chunk == 0) {
                        link.fail("the stream was ended by the server");
                        return to;
                    }
                    at = end + 1;
                    state = State.DATA;
                }
                case DATA -> {
                    int end = chunked ? Math.min(to, at + chunk) : to;
                    lines(link, data, at, end);
                    chunk -= end - at;
                    at = end;
                    if (chunked && chunk == 0) {
                        state = State.DATA_END;
                    }
                }
                case DATA_END -> {
                    int end = newline(data, at, to);
                    if (end < 0) {
                        return at;
                    }
                    at = end + 1;
                    state = State.SIZE;
                }
            }
        }
        return at;
    }

    private void head(Link link, byte[] data, int from, int end) {
        int status = HttpHead.status(data, from);
        if (status != 200) {
            link.fail("the stream was answered " + status);
            return;
        }
        chunked = HttpHead.value(data, from, end, "transfer-encoding").equalsIgnoreCase("chunked");
        state = chunked ? State.SIZE : State.DATA;
        link.owner().opened(link);
    }

    private void lines(Link link, byte[] data, int from, int to) {
        int at = from;
        while (at < to) {
            int end = newline(data, at, to);
            if (end < 0) {
                keep(data, at, to);
                return;
            }
            if (lineLength > 0) {
                keep(data, at, end);
                int length = lineLength;
                lineLength = 0;
                line(link, line, 0, length);
            } else {
                line(link, data, at, end);
            }
            at = end + 1;
        }
    }

    private void keep(byte[] data, int from, int to) {
        int length = lineLength + to - from;
        if (length > line.length) {
            line = Arrays.copyOf(line, 2 * length);
        }
        System.arraycopy(data, from, line, lineLength, to - from);
        lineLength = length;
    }

    private static void line(Link link, byte[] data, int from, int to) {
        if (to - from > 5 && data[from] == 'd' && data[from + 1] == 'a' && data[from + 4] == ':') {
            int end = data[to - 1] == '\r' ? to - 1 : to;
            link.owner().text(link, data, data[from + 5] == ' ' ? from + 6 : from + 5, end);
        }
    }

    private static int newline(byte[] data, int from, int to) {
        for (int i = from; i < to; i++) {
            if (data[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static int hex(byte[] data, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = Character.digit(data[i], 16);
            if (digit < 0) {
                break;
            }
            value = value * 16 + digit;
        }
        return value;
    }
}
