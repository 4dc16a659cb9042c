package dev.polywire.transport.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.spi.Batch;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** RFC 6455, section 5.2, and RFC 7692: Netty's decoder and zlib read what was laid out. */
class TextFormatTest {
    private static final List<Integer> LENGTHS = List.of(1, 125, 126, 127, 199, 200, 65_535, 65_536, 200_000);

    private static String text(int length) {
        return "abcdefghij".repeat(length / 10 + 1).substring(0, length);
    }

    private static List<TextWebSocketFrame> decode(ByteBuf bytes) {
        EmbeddedChannel peer = new EmbeddedChannel(new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                .expectMaskedFrames(false)
                .allowExtensions(true)
                .maxFramePayloadLength(1 << 20)
                .build()));
        peer.writeInbound(bytes);
        List<TextWebSocketFrame> frames = new ArrayList<>();
        for (TextWebSocketFrame frame; (frame = peer.readInbound()) != null; ) {
            frames.add(frame);
        }
        return frames;
    }

    private static Batch batch(TextFormat format) {
        List<Buffer> frames = new ArrayList<>();
        for (int length : LENGTHS) {
            frames.add(format.frame(Buffer.buffer(text(length))));
        }
        return new Batch(frames, false, false, null);
    }

    @Test
    @DisplayName("messages of every length, laid out one after the other, are final text frames without a mask")
    void plain() {
        Batch batch = batch(TextFormat.PLAIN);
        List<TextWebSocketFrame> frames = decode(batch.joined(TextFormat.LAYOUT).retainedDuplicate());
        batch.release();
        assertEquals(LENGTHS.size(), frames.size());
        for (int i = 0; i < LENGTHS.size(); i++) {
            assertEquals(text(LENGTHS.get(i)), frames.get(i).text());
            assertTrue(frames.get(i).isFinalFragment());
            assertEquals(0, frames.get(i).rsv());
            frames.get(i).release();
        }
    }

    @Test
    @DisplayName("a compressed message needs no window of the one before, and one that would not shrink stays as it is")
    void deflated() throws DataFormatException {
        Batch batch = batch(TextFormat.DEFLATED);
        List<TextWebSocketFrame> frames = decode(batch.joined(TextFormat.LAYOUT).retainedDuplicate());
        batch.release();
        for (int i = 0; i < LENGTHS.size(); i++) {
            boolean compressed = frames.get(i).rsv() == 4;
            assertEquals(LENGTHS.get(i) >= 200, compressed, "length " + LENGTHS.get(i));
            String text = compressed
                    ? inflate(frames.get(i).content())
                    : frames.get(i).text();
            assertEquals(text(LENGTHS.get(i)), text);
            frames.get(i).release();
        }
        byte[] noise = new byte[400];
        new java.util.Random(1).nextBytes(noise);
        Buffer incompressible = TextFormat.DEFLATED.frame(Buffer.buffer(noise));
        assertEquals(0x81, incompressible.getUnsignedByte(0));
        assertEquals(404, incompressible.length());
    }

    private static String inflate(ByteBuf bytes) throws DataFormatException {
        byte[] input = new byte[bytes.readableBytes() + 4];
        bytes.getBytes(bytes.readerIndex(), input, 0, input.length - 4);
        input[input.length - 2] = input[input.length - 1] = (byte) 0xff;
        Inflater inflater = new Inflater(true);
        inflater.setInput(input);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] part = new byte[4096];
        for (int n; (n = inflater.inflate(part)) > 0; ) {
            out.write(part, 0, n);
        }
        inflater.end();
        return out.toString(StandardCharsets.UTF_8);
    }
}
