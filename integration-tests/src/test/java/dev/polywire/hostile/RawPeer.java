package dev.polywire.hostile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;

/** A client that speaks HTTP and WebSocket by hand over a socket, well or not. */
final class RawPeer implements AutoCloseable {
    static final int TEXT = 0x81;
    static final int COMPRESSED = 0x40;

    private static final int PATIENCE = 10_000;

    final Socket socket = new Socket();
    private final InputStream in;

    /** A frame of the server's. */
    record Frame(int head, byte[] payload) {
        int opcode() {
            return head & 0xf;
        }

        /** The code of a close frame. */
        int code() {
            return payload.length < 2 ? 1005 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        }

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    /** Connects. */
    RawPeer(int port) {
        this(port, 0);
    }

    /** Connects with a receive buffer of a size, or, with 0, of the usual one. */
    RawPeer(int port, int receiveBuffer) {
        try {
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.setSoTimeout(PATIENCE);
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress("127.0.0.1", port));
            in = socket.getInputStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    RawPeer write(String text) throws IOException {
        return write(text.getBytes(StandardCharsets.UTF_8));
    }

    RawPeer write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Returns a request's head and body; headers are whole lines. */
    static String request(String line, String body, String... headers) {
        StringBuilder head = new StringBuilder(line).append(" HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        if (line.startsWith("POST")) {
            head.append("Content-Type: application/json\r\nContent-Length: ")
                    .append(body.getBytes(StandardCharsets.UTF_8).length)
                    .append("\r\n");
        }
        return head.append("\r\n").append(body).toString();
    }

    /** Returns a request for the upgrade to WebSocket. */
    static String handshake(String... headers) {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 4);
        all[headers.length] = "Connection: Upgrade";
        all[headers.length + 1] = "Upgrade: websocket";
        all[headers.length + 2] = "Sec-WebSocket-Version: 13";
        all[headers.length + 3] = "Sec-WebSocket-Key: eHh4eHh4eHh4eHh4eHh4eA==";
        return request("GET /realtime/websocket", "", all);
    }

    /** Asks for the upgrade and reads the head of the reply. */
    String upgrade(String... headers) throws IOException {
        return write(handshake(headers)).head();
    }

    /** Reads the head of a reply, or what there is of it. */
    String head() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int ends = 0;
        while (ends < 4) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            head.write(next);
            ends = next == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : 0;
        }
        return head.toString(StandardCharsets.UTF_8);
    }

    /** Reads to the end; a reset ends it too. */
    String rest() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] chunk = new byte[8192];
        try {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                all.write(chunk, 0, read);
            }
        } catch (SocketTimeoutException open) {
            throw new AssertionError("The connection is still open after " + all, open);
        } catch (IOException reset) {
            return all.toString(StandardCharsets.UTF_8);
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    /** Lets go by what comes, until the end or until nothing comes any more. */
    void drain() {
        byte[] chunk = new byte[8192];
        try {
            while (in.read(chunk) >= 0) {
                // It is not wanted.
            }
        } catch (IOException end) {
            // A reset, or its patience is up.
        }
    }

    /** Sends a message. */
    RawPeer say(String text) throws IOException {
        return write(frame(TEXT, text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Reads a frame; null at the end. */
    @org.jspecify.annotations.Nullable
    Frame next() throws IOException {
        int head = in.read();
        if (head < 0) {
            return null;
        }
        int length = in.read();
        if (length == 126) {
            length = in.read() << 8 | in.read();
        } else if (length == 127) {
            in.readNBytes(4);
            length = in.read() << 24 | in.read() << 16 | in.read() << 8 | in.read();
        }
        return new Frame(head, in.readNBytes(length));
    }

    /** Reads until the close frame and returns its code; 1006 when there is none. */
    int closeCode() throws IOException {
        try {
            for (Frame frame = next(); frame != null; frame = next()) {
                if (frame.opcode() == 8) {
                    return frame.code();
                }
            }
        } catch (SocketTimeoutException open) {
            throw new AssertionError("The connection is still open.", open);
        } catch (IOException reset) {
            return 1006;
        }
        return 1006;
    }

    /** Makes a frame whose mask is zero, so that its bytes stay as they are. */
    static byte[] frame(int head, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream(payload.length + 14);
        frame.write(head);
        if (payload.length <= 125) {
            frame.write(0x80 | payload.length);
        } else if (payload.length <= 0xffff) {
            frame.write(0x80 | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        } else {
            frame.write(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                frame.write((int) ((long) payload.length >> shift));
            }
        }
        frame.writeBytes(new byte[4]);
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    /** Compresses a message as RFC 7692 has it. */
    static byte[] deflate(byte[] message) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(message);
        ByteArrayOutputStream small = new ByteArrayOutputStream();
        byte[] chunk = new byte[8192];
        int length;
        do {
            length = deflater.deflate(chunk, 0, chunk.length, Deflater.SYNC_FLUSH);
            small.write(chunk, 0, length);
        } while (length == chunk.length);
        deflater.end();
        byte[] bytes = small.toByteArray();
        return java.util.Arrays.copyOf(bytes, bytes.length - 4);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
