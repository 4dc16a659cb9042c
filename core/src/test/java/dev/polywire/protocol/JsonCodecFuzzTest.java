package dev.polywire.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.testing.Mutator;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever bytes come: a frame or a refusal, and an answer from the scan that fits. */
class JsonCodecFuzzTest {
    private static final int MUTATIONS = Mutator.times(200_000);

    private final JsonCodec codec = new JsonCodec(4096, 16);

    @Test
    void mutatedFramesAreReadOrRefused() {
        long seed = Mutator.seed();
        Mutator mutator = new Mutator(new Random(seed), Mutator.golden());
        int read = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = mutator.next();
            try {
                read += check(Buffer.buffer(bytes));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "-Dpolywire.seed=" + seed + ", mutation " + i + ": "
                                + new String(bytes, StandardCharsets.ISO_8859_1),
                        e);
            }
        }
        // else the mutations are too wild to say anything about frames that are nearly right
        assertThat(read).as("-Dpolywire.seed=" + seed).isBetween(MUTATIONS / 50, MUTATIONS);
    }

    /** 1 when the bytes are a frame. */
    private int check(Buffer bytes) {
        Codec.Head head = codec.scan(bytes);
        split(bytes);
        ClientFrame frame;
        try {
            frame = codec.decode(bytes);
        } catch (ProtocolException refusal) {
            assertThat(refusal.code())
                    .isIn(ErrorCode.BAD_FRAME, ErrorCode.BAD_CHANNEL, ErrorCode.UNKNOWN_TYPE, ErrorCode.TOO_LARGE);
            return 0;
        }
        assertThat(head.counted()).isEqualTo(counted(frame));
        assertThat(head.type()).isNotEmpty();
        assertThat(codec.split(bytes)).hasSize(1);
        if (frame instanceof ClientFrame.Publish publish) {
            checkPayload(publish);
        } else if (frame instanceof ClientFrame.Ack ack) {
            assertThat(head.id()).isEqualTo(ack.id());
        }
        return 1;
    }

    private void split(Buffer bytes) {
        try {
            codec.split(bytes).forEach(codec::scan);
        } catch (ProtocolException refusal) {
            assertThat(refusal.code()).isEqualTo(ErrorCode.BAD_FRAME);
        }
    }

    /** What was taken in can be sent: one line of UTF-8 that is well-formed still. */
    private void checkPayload(ClientFrame.Publish publish) {
        Buffer out = codec.encode(new ServerFrame.Message(
                publish.channel(),
                publish.event(),
                publish.payload(),
                1,
                1,
                null,
                publish.key(),
                publish.sentAt(),
                publish.traceId(),
                null,
                1));
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(out.getBytes()));
        } catch (CharacterCodingException e) {
            throw new AssertionError("not UTF-8: " + out, e);
        }
        assertThat(out.toString()).doesNotContain("\n", "\r");
        assertThat(codec.split(out)).hasSize(1);
    }

    private static boolean counted(ClientFrame frame) {
        return !(frame instanceof ClientFrame.Hello
                || frame instanceof ClientFrame.Received
                || frame instanceof ClientFrame.Ping
                || frame instanceof ClientFrame.Pong
                || frame instanceof ClientFrame.Bye);
    }
}
