package dev.polywire.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.benchmarks.Stamp;
import java.io.ByteArrayOutputStream;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FramingTest {
    private final List<String> texts = new ArrayList<>();
    private Generator generator;

    private final Owner owner = new Owner() {
        @Override
        public void connecting(long nanos) {}

        @Override
        public void opened(Link link) {
            texts.add("opened");
        }

        @Override
        public void text(Link link, byte[] data, int from, int to) {
            texts.add(new String(data, from, to - from, StandardCharsets.US_ASCII));
        }

        @Override
        public void tick(Link link, long nanos) {}

        @Override
        public void closed(Link link) {
            texts.add("closed");
        }
    };

    @BeforeEach
    void start() throws Exception {
        generator = new Generator(1);
    }

    @AfterEach
    void stop() {
        generator.close();
    }

    /** Hands bytes in as a socket might: cut into pieces of every size. */
    private void everyCut(Framing framing, byte[] bytes, int piece) throws Exception {
        Link link = new Link(generator, SocketChannel.open(), framing, owner, new byte[0]);
        int taken = 0;
        for (int to = Math.min(piece, bytes.length); ; to = Math.min(to + piece, bytes.length)) {
            taken = framing.consume(link, bytes, taken, to);
            if (to == bytes.length) {
                break;
            }
        }
        assertThat(taken).isEqualTo(bytes.length);
    }

    @Test
    void webSocketFramesOfEachLengthInPiecesOfAnySize() throws Exception {
        String longer = "x".repeat(300);
        String longest = "y".repeat(70_000);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(new byte[] {(byte) 0x81, 5});
        out.writeBytes("hello".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(new byte[] {(byte) 0x81, 126, 1, 44});
        out.writeBytes(longer.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(new byte[] {(byte) 0x81, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70});
        out.writeBytes(longest.getBytes(StandardCharsets.US_ASCII));
        for (int piece : new int[] {1, 2, 3, 7, 1000, 1 << 20}) {
            texts.clear();
            everyCut(new WebSocketFraming(), out.toByteArray(), piece);
            assertThat(texts).containsExactly("opened", "hello", longer, longest);
        }
    }

    @Test
    void eventsAcrossChunksInPiecesOfAnySize() throws Exception {
        byte[] bytes = ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + "b\r\ndata: one\n\n\r\n"
                        + "8\r\n:\n\ndata:\r\n" + "6\r\n two\n\n\r\n" + "7\r\ndata: \n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        for (int piece = 1; piece < bytes.length; piece++) {
            texts.clear();
            everyCut(new EventStreamFraming(), bytes, piece);
            assertThat(texts).as("pieces of " + piece).containsExactly("opened", "one", "two", "");
        }
    }

    @Test
    void whatIsMaskedReadsAsItWas() {
        byte[] frame = WebSocketFraming.text("hello");
        byte[] text = new byte[5];
        for (int i = 0; i < 5; i++) {
            text[i] = (byte) (frame[6 + i] ^ frame[2 + (i & 3)]);
        }
        assertThat(frame).hasSize(11);
        assertThat(new String(text, StandardCharsets.US_ASCII)).isEqualTo("hello");
    }

    @Test
    void aStampReadsAsItWasWritten() {
        String text = new Stamp(64).text(1234, 5_678_901_234L);
        byte[] bytes = ("\"" + text + "\"").getBytes(StandardCharsets.US_ASCII);
        assertThat(text).hasSize(64).startsWith("#0000001234@0000000005678901234.");
        assertThat(Stamp.number(bytes, 1)).isEqualTo(1234);
        assertThat(Stamp.nanos(bytes, 1)).isEqualTo(5_678_901_234L);
    }
}
