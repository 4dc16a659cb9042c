package dev.polywire.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.jackson.VertxModule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One JSON value as its bytes: the application's data, which the framework carries and does not look into. Immutable.
 */
public final class Payload {

    /** The value {@code null}. */
    public static final Payload NULL = new Payload("null".getBytes(StandardCharsets.US_ASCII));

    /** Knows Vert.x' own types within maps, lists and records: without its module a JsonObject there is written as a bean. */
    private static final ObjectMapper MAPPER = new ObjectMapper().registerModule(new VertxModule());

    private static final ObjectReader ONE_VALUE = MAPPER.reader(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final byte[] json;

    private Payload(byte[] json) {
        this.json = json;
    }

    /**
     * Takes bytes that are known to be one JSON value on one line; for codecs, which have just checked that.
     *
     * @param json UTF-8; not copied, and not to be changed afterwards
     * @return the payload
     */
    public static Payload ofTrusted(byte[] json) {
        return new Payload(json);
    }

    /**
     * Turns a value into a payload.
     *
     * @param value {@code null}, a {@link JsonObject}, {@link JsonArray}, {@link String} (becomes a JSON string), number, boolean,
     *     {@link Map}, {@link List}, record, another payload, or a {@link Buffer} that holds JSON text; maps, lists and
     *     records may hold any of Vert.x' JSON types
     * @return the payload
     * @throws IllegalArgumentException when a buffer holds no JSON, or the value cannot be written as JSON
     */
    public static Payload of(@Nullable Object value) {
        if (value == null) {
            return NULL;
        }
        if (value instanceof Payload payload) {
            return payload;
        }
        if (value instanceof String text && MessageJson.plain(text)) {
            return new Payload(('"' + text + '"').getBytes(StandardCharsets.ISO_8859_1));
        }
        try {
            if (value instanceof Buffer buffer) {
                JsonNode tree = ONE_VALUE.readTree(buffer.getBytes());
                if (tree.isMissingNode()) {
                    throw new IllegalArgumentException("A payload must be a JSON value, and the buffer is empty.");
                }
                return new Payload(MAPPER.writeValueAsBytes(tree));
            }
            if (value instanceof JsonObject || value instanceof JsonArray) {
                return new Payload(Json.encode(value).getBytes(StandardCharsets.UTF_8));
            }
            return new Payload(MAPPER.writeValueAsBytes(value));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("A payload must be a JSON value: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("A payload must be a JSON value.", e);
        }
    }

    /**
     * Returns the value in Vert.x' terms.
     *
     * @return {@link JsonObject}, {@link JsonArray}, {@link String}, {@link Number}, {@link Boolean} or null
     */
    public @Nullable Object value() {
        return Json.decodeValue(Buffer.buffer(json));
    }

    /**
     * Reads the value as an object of a class, for example a record.
     *
     * @param type the class
     * @param <T> the class
     * @return the object
     * @throws IllegalArgumentException when the JSON does not fit
     */
    public <T> T as(Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (IOException e) {
            throw new IllegalArgumentException("The payload does not fit " + type.getSimpleName() + ".", e);
        }
    }

    /**
     * Returns the JSON text as bytes.
     *
     * @return UTF-8; not to be changed
     */
    public byte[] bytes() {
        return json;
    }

    @Override
    public String toString() {
        return new String(json, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Payload payload && Arrays.equals(json, payload.json);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(json);
    }
}
