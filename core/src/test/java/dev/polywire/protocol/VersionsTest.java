package dev.polywire.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.conformance.VersionZero;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** R5, and that an older version costs no more than one codec. */
class VersionsTest {
    private final JsonCodec current = new JsonCodec(65536, 32);

    @Test
    void thisReleaseSpeaksVersionOne() {
        Versions versions = Versions.standard(1024, 8);
        assertThat(versions.spoken()).containsExactly(1);
        assertThat(versions.codecFor(1)).isInstanceOf(JsonCodec.class).isSameAs(versions.codecFor(1));
        assertThat(versions.newest()).isEqualTo(1);
        assertThatThrownBy(() -> versions.codecFor(2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Versions(Map.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theHighestCommonVersionIsPicked() {
        Versions versions = new Versions(Map.of(0, current, 1, current, 3, current));
        assertThat(versions.pick(List.of(0, 1, 2))).isEqualTo(1);
        assertThat(versions.pick(List.of(3, 1))).isEqualTo(3);
        assertThat(versions.pick(List.of(0))).isZero();
        assertThat(versions.pick(List.of(2, 4))).isEqualTo(-1);
        assertThat(versions.pick(List.of())).isEqualTo(-1);
    }

    @Test
    void anOlderVersionIsACodecThatTranslates() {
        Versions versions = new Versions(Map.of(0, new VersionZero(current), 1, current));
        Codec older = versions.codecFor(versions.pick(List.of(0)));
        Buffer published = Buffer.buffer("{\"type\":\"publish\",\"channel\":\"a\",\"name\":\"ADDED\",\"payload\":1}");
        assertThat(older.decode(published))
                .isEqualTo(new ClientFrame.Publish(null, "a", "ADDED", Payload.of(1), null, null, null, true, false));
        ServerFrame message =
                new ServerFrame.Message("a", "ADDED", Payload.of(1), 5, 0, null, null, null, null, null, 1);
        assertThat(new JsonObject(older.encode(message)))
                .isEqualTo(new JsonObject(
                        "{\"type\":\"message\",\"channel\":\"a\",\"name\":\"ADDED\",\"payload\":1,\"timestamp\":5}"));
        assertThat(new JsonObject(current.encode(message)).containsKey("name")).isFalse();
    }
}
