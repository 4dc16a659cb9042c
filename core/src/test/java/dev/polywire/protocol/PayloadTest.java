package dev.polywire.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PayloadTest {
    private record Order(int item, JsonObject note) {}

    @Test
    @DisplayName("Vert.x' JSON types keep their shape within maps, lists and records, and come back")
    void keepsNestedJson() {
        JsonObject note = new JsonObject().put("a", 1);
        assertThat(Payload.of(Map.of("note", note))).hasToString("{\"note\":{\"a\":1}}");
        assertThat(Payload.of(List.of(new JsonArray().add(2)))).hasToString("[[2]]");
        Payload order = Payload.of(new Order(7, note));
        assertThat(order).hasToString("{\"item\":7,\"note\":{\"a\":1}}");
        assertThat(order.as(Order.class)).isEqualTo(new Order(7, note));
    }

    @Test
    @DisplayName("a buffer is one JSON value, no less and no more")
    void refusesWhatIsNotOneValue() {
        assertThat(Payload.of(Buffer.buffer(" {\"a\": [1]}\n"))).hasToString("{\"a\":[1]}");
        for (String bad : List.of("", " ", "{", "1 2", "{} x")) {
            assertThatThrownBy(() -> Payload.of(Buffer.buffer(bad)))
                    .as("<%s>", bad)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must be a JSON value");
        }
    }
}
