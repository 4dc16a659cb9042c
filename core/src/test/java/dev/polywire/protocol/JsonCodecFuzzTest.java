package dev.polywire.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever bytes come: a frame or a refusal, and an answer from the scan that fits. */
class JsonCodecFuzzTest {
    private static final int MUTATIONS = 20_000;
    private static final byte[] SPICE = "{}[]\",:\\u0dn1e-.\0\t\n\r \u007f".getBytes(StandardCharsets.UTF_8);

    private final JsonCodec codec = new JsonCodec(4096, 16);
    private final List<byte[]> seeds = new ArrayList<>();

    JsonCodecFuzzTest() {
        Golden.files("", "client-").values().forEach(file -> seeds.add(file.getBytes()));
        Golden.files("bad", "").values().forEach(file -> seeds.add(file.getBytes()));
    }

    @Test
    void mutatedFramesAreReadOrRefused() {
        long seed = Long.getLong("polywire.seed", new Random().nextLong());
        Random random = new Random(seed);
        int read = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = mutate(seeds.get(random.nextInt(seeds.size())), random);
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

    private byte[] mutate(byte[] original, Random random) {
        byte[] bytes = original.clone();
        int times = 1 + random.nextInt(3);
        for (int i = 0; i < times && bytes.length > 0; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] = SPICE[random.nextInt(SPICE.length)];
                case 2 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 3 -> bytes = join(bytes, 0, at, bytes, Math.min(bytes.length, at + 1 + random.nextInt(4)));
                case 4 -> bytes = join(bytes, 0, at, bytes, Math.max(0, at - random.nextInt(20)));
                default -> {
                    byte[] other = seeds.get(random.nextInt(seeds.size()));
                    bytes = join(bytes, 0, at, other, other.length == 0 ? 0 : random.nextInt(other.length));
                }
            }
        }
        return bytes;
    }

    /** The head of one array, and the tail of another from an index. */
    private static byte[] join(byte[] head, int from, int to, byte[] tail, int start) {
        return Buffer.buffer()
                .appendBytes(head, from, to - from)
                .appendBytes(tail, start, tail.length - start)
                .getBytes();
    }
}
