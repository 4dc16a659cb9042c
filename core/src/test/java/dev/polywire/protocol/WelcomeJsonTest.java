package dev.polywire.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The short way to the JSON of a welcome leads where the long one does. */
class WelcomeJsonTest {
    private static ServerFrame.Welcome welcome(String session, boolean resumed, @Nullable String reason) {
        return new ServerFrame.Welcome(
                1, session, null, null, resumed, reason, 7, 9_007_199_254_740_991L, 25_000, 0, null, null);
    }

    @Test
    void writesWhatTheGeneratorWrites() throws IOException {
        for (String session : new String[] {"", "aB3-_x", "s".repeat(500)}) {
            ServerFrame.Welcome welcome = welcome(session, true, null);
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            FrameWriter.write(new JsonFactory(), expected, welcome);
            assertThat(WelcomeJson.write(welcome)).isEqualTo(expected.toByteArray());
        }
    }

    @Test
    void leavesTheOthersToIt() {
        assertThat(WelcomeJson.write(welcome("s", false, null))).isNull();
        assertThat(WelcomeJson.write(welcome("s", true, "expired"))).isNull();
        assertThat(WelcomeJson.write(welcome("\"", true, null))).isNull();
    }
}
