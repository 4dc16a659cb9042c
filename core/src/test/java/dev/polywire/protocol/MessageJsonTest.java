package dev.polywire.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The short way to a message's JSON leads where the long one does. */
class MessageJsonTest {
    private static final int MESSAGES = 20_000;
    private static final String SPICE = "ab:z09 ~}{,'/<&\u007f\"\\\n\t\u0000\u00e4\u20ac\ud83d\ude00\ud83d";

    @Test
    void writesWhatTheGeneratorWrites() throws IOException {
        long seed = Long.getLong("polywire.seed", new Random().nextLong());
        Random random = new Random(seed);
        int quick = 0;
        for (int i = 0; i < MESSAGES; i++) {
            ServerFrame.Message message = message(random);
            byte[] json = MessageJson.write(message);
            if (json != null) {
                quick++;
                ByteArrayOutputStream expected = new ByteArrayOutputStream();
                FrameWriter.write(new JsonFactory(), expected, message);
                assertThat(json)
                        .as("-Dpolywire.seed=%d, message %d: %s", seed, i, message)
                        .isEqualTo(expected.toByteArray());
            }
        }
        assertThat(quick).as("-Dpolywire.seed=" + seed).isBetween(MESSAGES / 20, MESSAGES * 19 / 20);
    }

    @Test
    void aPlainStringIsWrittenAsTheMapperWritesIt() {
        assertThat(Payload.of("a/b'c").toString()).isEqualTo("\"a/b'c\"");
        assertThat(Payload.of("").toString()).isEqualTo("\"\"");
        assertThat(Payload.of("a\"b\\c\n\u00e4").toString()).isEqualTo("\"a\\\"b\\\\c\\n\u00e4\"");
    }

    private static ServerFrame.Message message(Random random) {
        return new ServerFrame.Message(
                text(random),
                text(random),
                Payload.of(random.nextBoolean() ? random.nextInt() : text(random)),
                number(random),
                number(random) * (random.nextBoolean() ? 1 : -1),
                text(random),
                text(random),
                random.nextBoolean() ? number(random) : null,
                text(random),
                text(random),
                random.nextInt(4));
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
}
