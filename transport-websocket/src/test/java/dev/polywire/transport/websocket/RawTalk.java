package dev.polywire.transport.websocket;

import dev.polywire.testing.TestServer;
import dev.polywire.testing.TestServer.Reply;
import io.vertx.core.MultiMap;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that speaks WebSocket by hand, and not always well. */
final class RawTalk {
    static final String HANDSHAKE = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eHh4eHh4eHh4eHh4eHh4eA==\r\n";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Adds a frame whose mask is zero, so that its bytes stay as they are. */
    RawTalk frame(int head, byte... payload) {
        bytes.write(head);
        bytes.write(0x80 | payload.length);
        bytes.writeBytes(new byte[4]);
        bytes.writeBytes(payload);
        return this;
    }

    /** Adds bytes that need not be a frame. */
    RawTalk raw(int... values) {
        for (int value : values) {
            bytes.write(value);
        }
        return this;
    }

    /** Connects, waits for the upgrade and sends the frames. */
    Socket open(TestServer server) {
        try {
            Socket socket = server.stalled(head(HANDSHAKE).getBytes(StandardCharsets.US_ASCII));
            for (int blank = 0; blank < 2; ) {
                int next = socket.getInputStream().read();
                blank = next == '\n' ? blank + 1 : next == '\r' ? blank : 0;
            }
            socket.getOutputStream().write(bytes.toByteArray());
            return socket;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Sends a handshake and reads the first line of the reply. */
    static Reply upgrade(TestServer server, String headers) {
        try (Socket socket = server.stalled(head(headers).getBytes(StandardCharsets.US_ASCII))) {
            String line = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            return new Reply(Integer.parseInt(line.substring(9, 12)), MultiMap.caseInsensitiveMultiMap(), "");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static String head(String headers) {
        return "GET /realtime/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
                + headers + "\r\n";
    }
}
