package dev.polywire.benchmarks.load;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** WebSocket, seen from a client: what comes is unmasked, what goes is masked. */
final class WebSocketFraming implements Framing {
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private final boolean lines;
    private boolean upgraded;

    /** Each message is a text. */
    WebSocketFraming() {
        this(false);
    }

    private WebSocketFraming(boolean lines) {
        this.lines = lines;
    }

    /** Each line of a message is a text. */
    static WebSocketFraming ofLines() {
        return new WebSocketFraming(true);
    }

    /** Returns the request that asks for the upgrade. */
    static byte[] upgrade(String path, int port) {
        return ("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public int consume(Link link, byte[] data, int from, int to) {
        int at = from;
        if (!upgraded) {
            int end = HttpHead.end(data, from, to);
            if (end < 0) {
                return from;
            }
            if (HttpHead.status(data, from) != 101) {
                link.fail("the upgrade was answered " + HttpHead.status(data, from));
                return end;
            }
            upgraded = true;
            at = end;
            link.owner().opened(link);
        }
        while (to - at >= 2) {
            int length = data[at + 1] & 0x7f;
            int head = 2;
            if (length == 126) {
                if (to - at < 4) {
                    break;
                }
                length = (data[at + 2] & 0xff) << 8 | data[at + 3] & 0xff;
                head = 4;
            } else if (length == 127) {
                if (to - at < 10) {
                    break;
                }
                length = (data[at + 6] & 0xff) << 24
                        | (data[at + 7] & 0xff) << 16
                        | (data[at + 8] & 0xff) << 8
                        | data[at + 9] & 0xff;
                head = 10;
            }
            int body = at + head;
            if (to - body < length) {
                break;
            }
            frame(link, data[at], data, body, body + length);
            at = body + length;
        }
        return at;
    }

    private void frame(Link link, int first, byte[] data, int from, int to) {
        // A message in several fragments is a form that no peer uses here; were one to, it must not pass unnoticed.
        if ((first & 0xf0) != 0x80) {
            link.fail("a WebSocket frame began with " + (first & 0xff));
            return;
        }
        switch (first & 15) {
            case TEXT, BINARY -> {
                if (lines) {
                    lines(link, data, from, to);
                } else {
                    link.owner().text(link, data, from, to);
                }
            }
            case PING -> link.send(frame(PONG, java.util.Arrays.copyOfRange(data, from, to)));
            case CLOSE ->
                link.fail("closed by the server with "
                        + (to - from >= 2 ? (data[from] & 0xff) << 8 | data[from + 1] & 0xff : 1005));
            default -> {}
        }
    }

    private static void lines(Link link, byte[] data, int from, int to) {
        int begin = from;
        for (int i = from; i <= to; i++) {
            if (i == to || data[i] == '\n') {
                if (i > begin) {
                    link.owner().text(link, data, begin, i);
                }
                begin = i + 1;
            }
        }
    }

    /** Returns a masked text frame. */
    static byte[] text(String text) {
        return frame(TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] frame(int opcode, byte[] body) {
        int head = body.length < 126 ? 2 : 4;
        byte[] frame = new byte[head + 4 + body.length];
        frame[0] = (byte) (0x80 | opcode);
        if (head == 2) {
            frame[1] = (byte) (0x80 | body.length);
        } else {
            frame[1] = (byte) (0x80 | 126);
            frame[2] = (byte) (body.length >> 8);
            frame[3] = (byte) body.length;
        }
        int mask = ThreadLocalRandom.current().nextInt();
        for (int i = 0; i < 4; i++) {
            frame[head + i] = (byte) (mask >> (24 - 8 * i));
        }
        for (int i = 0; i < body.length; i++) {
            frame[head + 4 + i] = (byte) (body[i] ^ frame[head + (i & 3)]);
        }
        return frame;
    }
}
