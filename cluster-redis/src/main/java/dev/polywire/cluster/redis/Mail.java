package dev.polywire.cluster.redis;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What goes from node to node.
 *
 * @param kind whether it asks, answers, cannot answer, or tells
 * @param from the sender's name
 * @param id joins an answer, or that there is none, to its question
 * @param body what the engine says
 */
record Mail(Kind kind, String from, long id, Buffer body) {
    enum Kind {
        QUESTION,
        ANSWER,
        WORD,
        /** There is no answer, and why. Nodes before this had a name ignore it, and wait. */
        FAILED
    }

    private static final byte VERSION = 1;

    Buffer encode() {
        byte[] name = from.getBytes(StandardCharsets.US_ASCII);
        return Buffer.buffer(body.length() + name.length + 11)
                .appendByte(VERSION)
                .appendByte((byte) kind.ordinal())
                .appendByte((byte) name.length)
                .appendBytes(name)
                .appendLong(id)
                .appendBuffer(body);
    }

    /** Says why a question is not answered: only what is meant for others, for the rest is this node's own business. */
    static Mail failed(String from, long id, Throwable cause) {
        JsonObject why = new JsonObject();
        if (cause instanceof ProtocolException told
                && (told.code() == ErrorCode.UNAVAILABLE || told.code() == ErrorCode.TOO_LARGE)) {
            why.put("code", told.code().wire()).put("text", told.getMessage());
        }
        return new Mail(Kind.FAILED, from, id, why.toBuffer());
    }

    /** Reads why there is no answer; whatever a node of another version says, it is a failure. Never {@code lost}: that is said of nodes that are dead. */
    ProtocolException failure() {
        String text = "That node failed at the question.";
        try {
            JsonObject why = body.toJsonObject();
            text = why.getString("text", text);
            if (ErrorCode.TOO_LARGE.wire().equals(why.getString("code"))) {
                return new ProtocolException(ErrorCode.TOO_LARGE, text);
            }
        } catch (DecodeException | ClassCastException e) {
            // Of another version.
            return new ProtocolException(ErrorCode.UNAVAILABLE, text, null, 1000);
        }
        return new ProtocolException(ErrorCode.UNAVAILABLE, text, null, 1000);
    }

    /** Reads what {@link #encode} wrote; null when it is something else, or of a kind that is not known here. */
    static @Nullable Mail decode(Buffer bytes) {
        try {
            int kind = bytes.getByte(1);
            int length = bytes.getByte(2);
            if (bytes.getByte(0) != VERSION || kind < 0 || kind >= Kind.values().length || length < 0) {
                return null;
            }
            return new Mail(
                    Kind.values()[kind],
                    new String(bytes.getBytes(3, 3 + length), StandardCharsets.US_ASCII),
                    bytes.getLong(3 + length),
                    bytes.getBuffer(11 + length, bytes.length()));
        } catch (IndexOutOfBoundsException e) {
            return null;
        }
    }
}
