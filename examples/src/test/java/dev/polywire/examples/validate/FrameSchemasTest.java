package dev.polywire.examples.validate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaId;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion.VersionFlag;
import dev.polywire.protocol.JsonCodec;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.testing.Mutator;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The schemas, the golden frames, the parser of the server and the AsyncAPI document say the same. */
class FrameSchemasTest {
    private static final Path DOCS = Path.of("..", "docs");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FrameSchemas schemas = FrameSchemas.load();
    private final FrameCheck check = new FrameCheck(schemas);

    @Test
    @DisplayName("every golden frame is valid, by its schema and by the whole check")
    void good() throws IOException {
        for (Map.Entry<String, Buffer> file : GoldenFiles.good().entrySet()) {
            Direction direction = GoldenFiles.direction(file.getKey());
            JsonNode frame = JSON.readTree(file.getValue().getBytes());
            assertThat(schemas.faults(direction, GoldenFiles.type(file.getKey()), frame))
                    .as(file.getKey())
                    .isEmpty();
            assertThat(check.check(file.getValue(), direction).faults())
                    .as(file.getKey())
                    .isEmpty();
            assertThat(check.check(file.getValue(), null).faults())
                    .as(file.getKey())
                    .isEmpty();
        }
    }

    @Test
    @DisplayName("every golden bad frame breaks a rule, and the schemas miss only what no schema can see")
    void bad() {
        Set<String> unseen = new TreeSet<>();
        for (Map.Entry<String, Buffer> file : GoldenFiles.bad().entrySet()) {
            FrameCheck.Result result = check.check(file.getValue(), Direction.CLIENT);
            assertThat(result.faults()).as(file.getKey()).isNotEmpty();
            if (result.json() != null && schemas.of(Direction.CLIENT, result.type()) != null) {
                if (schemas.faults(Direction.CLIENT, result.type(), result.json())
                        .isEmpty()) {
                    unseen.add(file.getKey().split("--")[1]);
                }
            }
        }
        assertThat(unseen)
                .isSubsetOf(
                        "half-surrogate",
                        "half-surrogate-event",
                        "half-surrogate-id",
                        "long-name",
                        "long-number",
                        "received-exponent",
                        "too-deep",
                        "two-epochs",
                        "two-escaped-names",
                        "two-payloads",
                        "two-positions",
                        "two-tokens",
                        "two-types");
    }

    @Test
    @DisplayName("a schema refuses each frame that lacks a member that it must have, or has it of another kind")
    void mutated() throws IOException {
        int refused = 0;
        for (Map.Entry<String, Buffer> file : GoldenFiles.good().entrySet()) {
            Direction direction = GoldenFiles.direction(file.getKey());
            String type = GoldenFiles.type(file.getKey());
            JsonNode schema = schemas.of(direction, type);
            for (JsonNode required : schema.path("required")) {
                ObjectNode frame = (ObjectNode) JSON.readTree(file.getValue().getBytes());
                frame.remove(required.asText());
                assertThat(schemas.faults(direction, type, frame))
                        .as("%s without %s", file.getKey(), required)
                        .isNotEmpty();
                refused++;
            }
            ObjectNode whole = (ObjectNode) JSON.readTree(file.getValue().getBytes());
            for (String member : names(whole)) {
                JsonNode of = schema.path("properties").path(member);
                boolean anything = of.isMissingNode()
                        || Set.of("payload", "state", "capabilities", "snapshot")
                                .contains(member);
                if (!anything) {
                    ObjectNode frame = whole.deepCopy();
                    frame.putArray(member).addArray();
                    assertThat(schemas.faults(direction, type, frame))
                            .as("%s with another %s", file.getKey(), member)
                            .isNotEmpty();
                    refused++;
                }
            }
        }
        assertThat(refused).isGreaterThan(300);
    }

    @Test
    @DisplayName("what the parser of the server takes the schemas take, and what it refuses the check refuses")
    void agrees() {
        long seed = Mutator.seed();
        Mutator mutator = new Mutator(new Random(seed), Mutator.golden());
        JsonCodec codec = new JsonCodec(65536, 32);
        int taken = 0;
        for (int i = 0; i < Mutator.times(4000); i++) {
            Buffer frame = Buffer.buffer(mutator.next());
            boolean takes;
            try {
                codec.decode(frame);
                takes = true;
                taken++;
            } catch (ProtocolException e) {
                takes = false;
            }
            assertThat(check.check(frame, Direction.CLIENT).faults().isEmpty())
                    .as("seed %s: %s", seed, frame)
                    .isEqualTo(takes);
        }
        assertThat(taken).as("so many were still frames").isGreaterThan(20);
    }

    @Test
    @DisplayName("the schemas are JSON Schema 2020-12, and each rule or section that they name is in the specification")
    void wellFormed() throws IOException {
        var meta = JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(SchemaLocation.of(SchemaId.V202012));
        assertThat(meta.validate(schemas.document())).isEmpty();
        String specification = Files.readString(DOCS.resolve("protocol.md"));
        Set<String> rules = new HashSet<>();
        schemas.document().findValues("x-rule").forEach(rule -> rules.add(rule.asText()));
        assertThat(rules)
                .hasSizeGreaterThan(20)
                .allMatch(rule -> rule.startsWith("R")
                        ? specification.contains("**" + rule + "**")
                        : specification.contains("\n" + "#".repeat(rule.contains(".") ? 3 : 2) + " " + rule
                                + (rule.contains(".") ? " " : ". ")));
    }

    @Test
    @DisplayName("the AsyncAPI document has every frame with its schema, and its examples are golden frames")
    void document() throws IOException {
        JsonNode document = new ObjectMapper(new YAMLFactory())
                .readTree(DOCS.resolve("asyncapi/asyncapi.yaml").toFile());
        JsonNode messages = document.path("components").path("messages");
        Map<String, Buffer> golden = GoldenFiles.good();
        Set<String> shown = new TreeSet<>();
        for (JsonNode message : messages) {
            String name = message.path("payload")
                    .path("$ref")
                    .asText()
                    .replaceFirst("^\\./frames\\.schema\\.json#/\\$defs/", "");
            Direction direction = GoldenFiles.direction(name);
            assertThat(schemas.of(direction, message.path("name").asText()))
                    .as(name)
                    .isNotNull();
            assertThat(name)
                    .isEqualTo(message.path("tags").path(0).path("name").asText() + "-"
                            + message.path("name").asText());
            assertThat(message.path("examples")).as(name).isNotEmpty();
            for (JsonNode example : message.path("examples")) {
                Buffer file = golden.get(example.path("name").asText());
                assertThat(file).as("%s", example).isNotNull();
                assertThat(example.path("payload").toString())
                        .isEqualTo(JSON.readTree(file.getBytes()).toString());
                assertThat(example.path("name").asText()).startsWith(name);
            }
            shown.add(name);
        }
        Set<String> all = new TreeSet<>();
        golden.keySet().forEach(name -> all.add(GoldenFiles.direction(name).wire() + "-" + GoldenFiles.type(name)));
        assertThat(shown).isEqualTo(all);
        JsonNode onWebSocket = document.path("channels").path("websocket").path("messages");
        assertThat(names(onWebSocket)).isEqualTo(names(messages));
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
