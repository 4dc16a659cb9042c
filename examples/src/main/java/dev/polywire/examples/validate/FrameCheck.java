package dev.polywire.examples.validate;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.JsonCodec;
import dev.polywire.protocol.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares one frame with the protocol: first as text, then with its schema, and a client's also by the parser that the server uses. */
public final class FrameCheck {
    private static final Set<String> OPAQUE = Set.of("payload", "state", "snapshot");
    private static final int MAX_DEPTH = 32;
    private static final int MAX_FRAME = 65536;
    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(1000)
                            .build())
                    .disable(JsonFactory.Feature.CHARSET_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * What became of a frame.
     *
     * @param direction whose frame it was taken for; null when nobody sends its type
     * @param type its type; empty when it has none
     * @param json the frame; null when it is not JSON
     * @param faults what is wrong; empty when nothing is
     */
    public record Result(
            @Nullable Direction direction,
            String type,
            @Nullable JsonNode json,
            List<Fault> faults) {}

    private final FrameSchemas schemas;
    private final JsonCodec codec = new JsonCodec(MAX_FRAME, MAX_DEPTH);

    /** Creates a check by schemas. */
    public FrameCheck(FrameSchemas schemas) {
        this.schemas = schemas;
    }

    /**
     * Checks one frame.
     *
     * @param bytes its text
     * @param direction who sent it; null when that is not known: then it is fine if it is fine as anybody's
     */
    public Result check(Buffer bytes, @Nullable Direction direction) {
        JsonNode json;
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.getBytes()));
            json = JSON.readTree(bytes.getBytes());
        } catch (CharacterCodingException e) {
            return bad("is not valid UTF-8");
        } catch (JacksonException e) {
            return bad("is not well-formed JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            return bad("is not well-formed JSON");
        }
        if (!json.isObject()) {
            return bad("is not one JSON object");
        }
        String type = json.path("type").asText("");
        if (!json.path("type").isTextual()) {
            return new Result(direction, "", json, List.of(new Fault("1", "`type` is missing, or no string")));
        }
        @Nullable Result best = null;
        for (Direction each : direction == null ? Direction.values() : new Direction[] {direction}) {
            if (schemas.of(each, type) != null) {
                Result result = new Result(each, type, json, faults(each, type, json, bytes));
                best = best == null || result.faults().size() < best.faults().size() ? result : best;
            }
        }
        if (best != null) {
            return best;
        }
        String who = direction == null ? "" : " from the " + direction.wire();
        return new Result(
                direction, type, json, List.of(new Fault("R2", "no frame" + who + " has the type `" + type + "`")));
    }

    private static Result bad(String text) {
        return new Result(null, "", null, List.of(new Fault("1", text)));
    }

    private List<Fault> faults(Direction direction, String type, JsonNode json, Buffer bytes) {
        List<Fault> faults = new ArrayList<>(schemas.faults(direction, type, json));
        if (direction == Direction.SERVER) {
            asText(json, bytes, faults);
            return faults;
        }
        try {
            codec.decode(bytes);
        } catch (ProtocolException e) {
            if (faults.isEmpty()) { // a schema does not see bytes, depth, digits, names, and members that appear twice
                String rule = e.code() == ErrorCode.TOO_LARGE ? "R27" : "1.3";
                faults.add(new Fault(rule, e.text().replaceAll("\\.$", "")));
            }
        }
        return faults;
    }

    /** What a schema does not see of a frame from the server; for one from the client there is the parser. */
    private static void asText(JsonNode json, Buffer bytes, List<Fault> faults) {
        String twice = twice(bytes);
        if (twice != null) {
            faults.add(new Fault("1.3", "`" + twice + "` appears twice"));
        }
        for (Map.Entry<String, JsonNode> member : json.properties()) {
            if (OPAQUE.contains(member.getKey())) {
                continue;
            }
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(member.getValue().asText())) {
                faults.add(new Fault("1.3", "`" + member.getKey() + "` has half a surrogate pair"));
            }
            if (member.getValue().isFloatingPointNumber()) { // for a schema, 1e3 is a whole number
                faults.add(new Fault("1.3", "`" + member.getKey() + "` has a fraction or an exponent"));
            }
        }
    }

    private static @Nullable String twice(Buffer bytes) {
        Set<String> names = new HashSet<>();
        try (JsonParser in = JSON.getFactory().createParser(bytes.getBytes())) {
            in.nextToken();
            for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
                if (!names.add(name)) {
                    return name;
                }
                in.nextToken();
                in.skipChildren();
            }
        } catch (IOException e) {
            throw new IllegalStateException("This was read before.", e);
        }
        return null;
    }
}
