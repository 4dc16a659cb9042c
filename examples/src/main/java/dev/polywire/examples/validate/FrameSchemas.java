package dev.polywire.examples.validate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.NonValidationKeyword;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The JSON Schemas of the frames, docs/asyncapi/frames.schema.json. Safe for all threads. */
public final class FrameSchemas {
    private static final String DEFS = "$defs";
    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(
            VersionFlag.V202012,
            factory -> factory.metaSchema(JsonMetaSchema.builder(JsonMetaSchema.getV202012())
                    .keyword(new NonValidationKeyword("x-rule"))
                    .build()));

    private final JsonNode document;
    private final Map<String, JsonSchema> compiled = new ConcurrentHashMap<>();

    private FrameSchemas(JsonNode document) {
        this.document = document;
    }

    /** Loads them from the class path. */
    public static FrameSchemas load() {
        try (InputStream in = FrameSchemas.class.getResourceAsStream("/protocol/asyncapi/frames.schema.json")) {
            return new FrameSchemas(new ObjectMapper().readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the document of them all} */
    public JsonNode document() {
        return document.deepCopy();
    }

    /** {@return the schema of a type of frame; null where that direction has no such type} */
    public @Nullable JsonNode of(Direction direction, String type) {
        JsonNode found = document.path(DEFS).path(direction.wire() + "-" + type);
        return found.isMissingNode() ? null : found.deepCopy();
    }

    /**
     * Compares a frame with the schema of its type, which must exist.
     *
     * @return what is wrong, in the order of the members; empty when nothing is
     */
    public List<Fault> faults(Direction direction, String type, JsonNode frame) {
        String name = direction.wire() + "-" + type;
        Map<String, Fault> faults = new TreeMap<>();
        for (ValidationMessage message : compiled(name).validate(frame)) {
            String path = message.getEvaluationPath().toString();
            // an optional member is anyOf what it is, and null: that it is not null is not what is wrong with it
            // and what is no text at all holds no forbidden characters
            boolean besides = "not".equals(message.getType())
                    && !message.getInstanceNode().isTextual();
            if (!path.contains("/anyOf/1/") && !besides) {
                faults.putIfAbsent(message.getInstanceLocation() + message.getMessage(), fault(name, path, message));
            }
        }
        return List.copyOf(new LinkedHashSet<>(faults.values()));
    }

    private JsonSchema compiled(String name) {
        return compiled.computeIfAbsent(name, it -> {
            ObjectNode root = new ObjectMapper().createObjectNode();
            root.put("$ref", "#/" + DEFS + "/" + it);
            root.set(DEFS, document.path(DEFS));
            return FACTORY.getSchema(root, SchemaValidatorsConfig.builder().build());
        });
    }

    private Fault fault(String name, String path, ValidationMessage message) {
        List<String> rules = rules(name, path);
        String rule = rules.get(rules.size() - 1);
        String where = message.getInstanceLocation().toString();
        String text = "required".equals(message.getType())
                ? "`" + message.getProperty() + "` is missing"
                        + (where.isEmpty() ? "" : " in `" + where.substring(1) + "`")
                : "`" + (where.isEmpty() ? "/" : where.substring(1)) + "` " + sentence(message);
        String of = rules.size() < 2 ? rule : rules.get(rules.size() - 2);
        return new Fault(rule, of.equals(rule) || !of.startsWith("R") ? text : text + ", see " + of);
    }

    private static String sentence(ValidationMessage message) {
        String text = message.getMessage();
        String where = message.getInstanceLocation() + ": ";
        text = text.startsWith(where) ? text.substring(where.length()) : text;
        return switch (message.getType()) {
            case "not" -> "holds a space or a control character";
            case "const" -> text.replace("must be the constant value", "must be");
            default -> text;
        };
    }

    /** The rules that stand on the way to where a keyword was broken, outermost first. */
    private List<String> rules(String name, String path) {
        List<String> rules = new ArrayList<>();
        JsonNode at = document.path(DEFS).path(name);
        rules.add(at.path("x-rule").asText("1"));
        for (String step : path.substring("/$ref/".length()).split("/")) {
            if (step.equals("$ref")) {
                at = document.at(at.path("$ref").asText().substring(1));
            } else {
                at = at.isArray()
                        ? at.path(Integer.parseInt(step))
                        : at.path(step.replace("~1", "/").replace("~0", "~"));
            }
            if (at.path("x-rule").isTextual()) {
                rules.add(at.path("x-rule").asText());
            }
        }
        return rules;
    }
}
