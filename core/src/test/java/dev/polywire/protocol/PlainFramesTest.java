package dev.polywire.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The short ways from and to JSON lead where the long ones do. */
class PlainFramesTest {
    private static final int FRAMES = 50_000;
    private static final String SPICE = "abcdefgh:01239 ~}{,'/<&[]\u007f\"\\\n\t\u0000\u00e4\u20ac\ud83d\ude00\ud83d";
    private static final String[] COMMON = {
        "{\"type\":\"received\",\"count\":17}",
        "{\"type\":\"pong\",\"count\":3}",
        "{\"type\":\"hello\",\"versions\":[1],\"client\":\"0123456789abcdef\"}",
        "{\"type\":\"hello\",\"versions\":[1],\"client\":\"0123456789abcdef\",\"token\":\"a.b.c\"}",
        "{\"type\":\"subscribe\",\"id\":\"1\",\"channels\":[\"chat:1\"]}",
        "{\"type\":\"publish\",\"id\":\"7\",\"channel\":\"chat:1\",\"payload\":[1]}",
        "{\"type\":\"ping\",\"id\":\"7\"}",
    };

    private final JsonCodec codec = new JsonCodec(200, 8);

    @Test
    void commonFramesAreReadWithoutAParser() {
        assertThat(PlainFrames.counting(buffer(COMMON[0]))).isEqualTo(new ClientFrame.Received(17));
        assertThat(PlainFrames.counting(buffer(COMMON[1]))).isEqualTo(new ClientFrame.Pong(3, null));
        for (int i = 2; i < 5; i++) {
            assertThat(PlainFrames.opening(buffer(COMMON[i]).getBytes())).isNotNull();
            assertThat(PlainFrames.head(buffer(COMMON[i]).getBytes(), 200)).isNotNull();
        }
        assertThat(PlainFrames.head(buffer(COMMON[5]).getBytes(), 200)).isNotNull();
        assertThat(PlainFrames.head(buffer(COMMON[6]).getBytes(), 200)).isNull();
    }

    @Test
    void readsWhatTheParserReads() {
        long seed = Long.getLong("polywire.seed", new Random().nextLong());
        Random random = new Random(seed);
        for (int i = 0; i < FRAMES; i++) {
            String json = changed(random, COMMON[random.nextInt(COMMON.length)]);
            // White space in front is nobody's common way, so that this one takes the long way.
            Buffer spaced = buffer(' ' + json);
            Buffer plain = buffer(json);
            String as = "-Dpolywire.seed=" + seed + ", frame " + i + ": " + json;
            assertThat(decode(plain)).as(as).isEqualTo(decode(spaced));
            assertThat(codec.scan(plain)).as(as).isEqualTo(codec.scan(spaced));
        }
    }

    @Test
    void aFrameOverTheLimitCountsAndIsRefusedWhateverItSays() {
        JsonCodec small = new JsonCodec(20, 8);
        for (String json : COMMON) {
            assertThat(small.scan(buffer(json)).counted()).as(json).isTrue();
        }
    }

    @Test
    void writesWhatTheGeneratorWrites() throws IOException {
        long seed = Long.getLong("polywire.seed", new Random().nextLong());
        Random random = new Random(seed);
        int quick = 0;
        for (int i = 0; i < FRAMES; i++) {
            ServerFrame frame = frame(random);
            byte[] json = ControlJson.write(frame);
            if (json != null) {
                quick++;
                ByteArrayOutputStream expected = new ByteArrayOutputStream();
                FrameWriter.write(new JsonFactory(), expected, frame);
                assertThat(json)
                        .as("-Dpolywire.seed=%d, frame %d: %s", seed, i, frame)
                        .isEqualTo(expected.toByteArray());
            }
        }
        assertThat(quick).as("-Dpolywire.seed=" + seed).isBetween(FRAMES / 20, FRAMES * 19 / 20);
    }

    private Object decode(Buffer json) {
        try {
            return codec.decode(json);
        } catch (ProtocolException e) {
            return e.code() + " " + e.text() + " " + e.id();
        }
    }

    private static String changed(Random random, String json) {
        StringBuilder text = new StringBuilder(json);
        for (int i = random.nextInt(3); i > 0; i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(5)) {
                case 0 -> text.deleteCharAt(at);
                case 1 -> text.setCharAt(at, SPICE.charAt(random.nextInt(SPICE.length())));
                case 2 -> text.insert(at, SPICE.charAt(random.nextInt(SPICE.length())));
                case 3 -> text.insert(at, "0".repeat(random.nextInt(60)));
                default -> text.append(text.charAt(at));
            }
        }
        return text.toString();
    }

    private static ServerFrame frame(Random random) {
        return switch (random.nextInt(5)) {
            case 0 ->
                new ServerFrame.Welcome(
                        1 + random.nextInt(3),
                        "s" + text(random),
                        text(random),
                        text(random),
                        random.nextBoolean(),
                        text(random),
                        number(random),
                        number(random),
                        number(random),
                        number(random),
                        random.nextBoolean() ? null : List.of("websocket", "x" + text(random)),
                        random.nextBoolean() ? null : new ServerFrame.Bounds(1, 22, 333, 4444, 55555));
            case 1 ->
                new ServerFrame.Subscribed(
                        text(random),
                        "c" + text(random),
                        random.nextBoolean() ? null : new Position("e" + text(random), number(random) >>> 10),
                        random.nextBoolean() ? null : random.nextBoolean(),
                        random.nextBoolean(),
                        random.nextInt(4) > 0 ? null : List.of(),
                        random.nextInt(4) > 0 ? -1 : 3,
                        number(random),
                        random.nextInt(4) > 0 ? null : Payload.of("x"));
            case 2 -> new ServerFrame.Received(number(random));
            case 3 -> new ServerFrame.Ping(random.nextInt(3) - 1, text(random));
            default -> new ServerFrame.Pong(random.nextInt(3) - 1, text(random));
        };
    }

    private static long number(Random random) {
        return random.nextLong() >>> 1 + random.nextInt(63);
    }

    private static @Nullable String text(Random random) {
        int length = random.nextInt(6) - 1;
        if (length < 0) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(SPICE.charAt(random.nextInt(random.nextInt(20) == 0 ? SPICE.length() : 14)));
        }
        return text.toString();
    }

    private static Buffer buffer(String json) {
        return Buffer.buffer(json);
    }
}
