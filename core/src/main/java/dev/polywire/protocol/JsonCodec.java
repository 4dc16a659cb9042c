package dev.polywire.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of protocol 1.
 *
 * <ol>
 *   <li>A frame has one pass: nothing is built of it but the record. The application's data is copied as text, without
 *       white space between tokens, so that numbers keep every digit.
 *   <li>A frame over {@code maxFrame} bytes is refused with {@code too_large}. One that is nested deeper than
 *       {@code maxDepth}, has a name over 256 characters or a number over 64, or is not UTF-8 as RFC 3629 has it, is
 *       refused with {@code bad_frame}.
 *   <li>A known member that appears twice, in a frame or in an object of the protocol's within it, is refused. Unknown
 *       members are ignored.
 *   <li>Half a surrogate pair (the JSON escape {@code \ud800} alone) is refused in the protocol's own strings. In the
 *       application's data it stays the escape that it was. Where the server's application puts one into a frame, it is
 *       written as an escape. So whatever comes in, what goes out is valid UTF-8.
 * </ol>
 */
public final class JsonCodec implements Codec {
    /** How many frames one body may hold. */
    public static final int MAX_SPLIT = 10_000;

    private static final int MAX_NAME = 256;
    private static final int MAX_NUMBER = 64;

    /**
     * The depth at which a whole body is refused. It is far more than a frame may have, because a frame that is too
     * deep is one bad frame (it counts), whereas a body that is refused leaves all its frames unsaid.
     */
    private static final int MAX_BODY_DEPTH = 1000;

    private final JsonFactory frames;
    private final JsonFactory bodies;
    private final int maxFrame;

    /**
     * Creates a codec.
     *
     * @param maxFrame the largest frame from a client, in bytes; at least 1
     * @param maxDepth how deep a frame may be nested, the frame itself being 1; at least 2, and 3 for positions
     */
    public JsonCodec(int maxFrame, int maxDepth) {
        if (maxFrame < 1 || maxDepth < 2) {
            throw new IllegalArgumentException("A codec's maxFrame must be at least 1 and its maxDepth at least 2.");
        }
        this.maxFrame = maxFrame;
        this.frames = factory(StreamReadConstraints.builder()
                .maxNestingDepth(maxDepth)
                .maxStringLength(maxFrame)
                .maxNameLength(MAX_NAME)
                .maxNumberLength(MAX_NUMBER)
                .maxDocumentLength(maxFrame)
                .build());
        this.bodies = factory(StreamReadConstraints.builder()
                .maxNestingDepth(Math.max(MAX_BODY_DEPTH, maxDepth + 1))
                .maxStringLength(Integer.MAX_VALUE)
                .maxNameLength(Integer.MAX_VALUE)
                .maxNumberLength(Integer.MAX_VALUE)
                .build());
    }

    private static JsonFactory factory(StreamReadConstraints constraints) {
        return JsonFactory.builder()
                .streamReadConstraints(constraints)
                // names come from strangers: interned ones would stay; guessing UTF-16 would give one text two readings
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.CHARSET_DETECTION)
                .build();
    }

    @Override
    public ClientFrame decode(Buffer bytes) {
        ClientFrame counting = PlainFrames.counting(bytes);
        if (counting != null && bytes.length() <= maxFrame) {
            return counting;
        }
        if (bytes.length() > maxFrame) {
            String message = "The frame is larger than " + maxFrame + " bytes.";
            throw new ProtocolException(
                    ErrorCode.TOO_LARGE, message, orNull(scan(bytes).id()), 0);
        }
        byte[] json = bytes.getBytes();
        ClientFrame opening = PlainFrames.opening(json);
        if (opening != null) {
            return opening;
        }
        Members members = new Members();
        try (JsonParser in = frames.createParser(json)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw bad("A frame is one JSON object.", null);
            }
            members.read(in, json);
            if (in.nextToken() != null) {
                throw bad("Something follows the frame.", members);
            }
        } catch (StreamConstraintsException e) {
            throw bad("The frame is nested too deeply, or has a name or a number that is too long.", members);
        } catch (IOException e) {
            throw bad("The frame is not well-formed JSON.", members);
        }
        if (!JsonText.isUtf8(json)) {
            throw bad("The frame is not valid UTF-8.", members);
        }
        return FrameReader.frame(members);
    }

    private static @Nullable String orNull(String id) {
        return id.isEmpty() ? null : id;
    }

    private static ProtocolException bad(String message, @Nullable Members members) {
        return new ProtocolException(ErrorCode.BAD_FRAME, message, members == null ? null : members.id(), 0);
    }

    @Override
    public Head scan(Buffer bytes) {
        Head beat = PlainFrames.beat(bytes);
        if (beat != null && bytes.length() <= maxFrame) {
            return beat;
        }
        byte[] json = bytes.getBytes(0, Math.min(bytes.length(), maxFrame + 1));
        Head head = PlainFrames.head(json, maxFrame);
        return head == null ? FrameScan.scan(frames, json, maxFrame) : head;
    }

    /** {@inheritDoc} Elements may be any JSON values: one that is no frame is one bad frame, which counts. */
    @Override
    public List<Buffer> split(Buffer body) {
        byte[] json = body.getBytes();
        if (!JsonText.isUtf8(json)) {
            throw bad("The body is not valid UTF-8.", null);
        }
        List<Buffer> found = new ArrayList<>();
        try (JsonParser in = bodies.createParser(json)) {
            JsonToken first = in.nextToken();
            if (first == JsonToken.START_OBJECT) {
                found.add(element(in, body));
            } else if (first == JsonToken.START_ARRAY) {
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    if (found.size() == MAX_SPLIT) {
                        throw bad("The body holds more than " + MAX_SPLIT + " frames.", null);
                    }
                    found.add(element(in, body));
                }
            } else {
                throw bad("A body is one frame or an array of frames.", null);
            }
            if (in.nextToken() != null) {
                throw bad("Something follows the frames.", null);
            }
        } catch (IOException e) {
            throw bad("The body is not well-formed JSON.", null);
        }
        return found;
    }

    private static Buffer element(JsonParser in, Buffer body) throws IOException {
        int start = (int) in.currentTokenLocation().getByteOffset();
        in.skipChildren();
        in.finishToken();
        return body.slice(start, (int) in.currentLocation().getByteOffset());
    }

    @Override
    public Buffer encode(ServerFrame frame) {
        byte[] plain = frame instanceof ServerFrame.Message it ? MessageJson.write(it) : ControlJson.write(frame);
        if (plain != null) {
            return Buffer.buffer(plain);
        }
        try (ByteArrayBuilder out = new ByteArrayBuilder(256)) {
            FrameWriter.write(frames, out, frame);
            return Buffer.buffer(out.toByteArray());
        } catch (IOException e) {
            // nothing is read or written but memory
            throw new UncheckedIOException(e);
        }
    }
}
