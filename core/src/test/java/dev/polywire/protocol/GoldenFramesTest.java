package dev.polywire.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every golden file means what its record says, and nothing is without one. */
class GoldenFramesTest {
    private final JsonCodec codec = new JsonCodec(65536, 32);

    @Test
    void everyFileHasARecordAndEveryRecordAFile() {
        assertThat(Golden.files("", "client-").keySet())
                .isEqualTo(GoldenClientFrames.all().keySet());
        assertThat(Golden.files("", "server-").keySet())
                .isEqualTo(GoldenServerFrames.all().keySet());
        assertThat(Golden.files("", "").keySet())
                .as("names begin with a direction")
                .allMatch(name -> name.startsWith("client-") || name.startsWith("server-"));
    }

    @Test
    void everyTypeHasAFile() {
        assertThat(classes(GoldenClientFrames.all())).containsAll(frames(ClientFrame.class));
        assertThat(classes(GoldenServerFrames.all())).containsAll(frames(ServerFrame.class));
    }

    private static Set<Class<?>> classes(Map<String, ?> frames) {
        return frames.values().stream().map(Object::getClass).collect(Collectors.toSet());
    }

    private static Set<Class<?>> frames(Class<?> sealed) {
        return Set.of(sealed.getPermittedSubclasses());
    }

    @Test
    void aNameBeginsWithTheType() {
        for (String direction : new String[] {"client-", "server-"}) {
            Golden.files("", direction)
                    .forEach((name, file) ->
                            assertThat(codec.scan(file).type()).as(name).isEqualTo(name.split("-", 2)[0]));
        }
    }

    @TestFactory
    Stream<DynamicTest> clientFramesAreReadAsTheirRecords() {
        Map<String, ClientFrame> records = GoldenClientFrames.all();
        return Golden.files("", "client-").entrySet().stream()
                .map(file -> DynamicTest.dynamicTest(
                        file.getKey(),
                        () -> assertThat(codec.decode(file.getValue())).isEqualTo(records.get(file.getKey()))));
    }

    @TestFactory
    Stream<DynamicTest> serverFramesAreWrittenFromTheirRecords() {
        Map<String, Buffer> files = Golden.files("", "server-");
        return GoldenServerFrames.all().entrySet().stream()
                .map(frame -> DynamicTest.dynamicTest(frame.getKey(), () -> {
                    Buffer written = codec.encode(frame.getValue());
                    Buffer file = Objects.requireNonNull(files.get(frame.getKey()));
                    assertThat(new JsonObject(written)).isEqualTo(new JsonObject(file));
                    assertThat(written.toString(StandardCharsets.UTF_8)).doesNotContain("\n", "\r");
                }));
    }

    @TestFactory
    Stream<DynamicTest> badFramesAreRefusedWithTheCodeInTheirName() {
        return Golden.files("bad", "").entrySet().stream()
                .map(file -> DynamicTest.dynamicTest(file.getKey(), () -> refused(file.getKey(), file.getValue())));
    }

    private void refused(String name, Buffer file) {
        ProtocolException refusal = catchThrowableOfType(ProtocolException.class, () -> codec.decode(file));
        assertThat(refusal).as(name).isNotNull();
        assertThat(refusal.code().wire()).isEqualTo(name.split("--", 2)[0]);
        assertThat(refusal.text())
                .as("a sentence without internals")
                .endsWith(".")
                .doesNotContain("Exception", "java");
        // the id comes first in these files, whatever is wrong behind it
        byte[] begin = "{\"id\":\"1\"".getBytes(StandardCharsets.UTF_8);
        if (file.length() > begin.length && Arrays.equals(file.getBytes(0, begin.length), begin)) {
            assertThat(refusal.id()).as(refusal.text()).isEqualTo("1");
        }
    }

    @Test
    void everyCodeOfTheCodecHasABadFile() {
        Set<String> codes = Golden.files("bad", "").keySet().stream()
                .map(name -> name.split("--", 2)[0].toUpperCase(Locale.ROOT))
                .collect(Collectors.toSet());
        assertThat(codes).containsExactlyInAnyOrder("BAD_FRAME", "BAD_CHANNEL", "UNKNOWN_TYPE");
    }
}
