package dev.polywire.protocol;

import io.vertx.core.buffer.Buffer;
import java.util.List;

/** Turns frames into bytes and back. Implementations are immutable and may be used by all threads. */
public interface Codec {

    /**
     * Reads one frame.
     *
     * @param bytes exactly one frame, UTF-8
     * @return the frame
     * @throws ProtocolException with {@code bad_frame} or {@code unknown_type}, and the frame's id if it could be read
     */
    ClientFrame decode(Buffer bytes);

    /**
     * Reads only what must be known before a frame is accepted: whether it counts, and its id (rule 23: a bounded scan).
     *
     * @param bytes exactly one frame
     * @return never null; text that is no frame gives a counted head with type ""
     */
    Head scan(Buffer bytes);

    /**
     * Splits the body of a POST, which is one frame or an array of frames, without building them (R26).
     *
     * @param body the whole body
     * @return the bytes of each frame, in order; slices of the body
     * @throws ProtocolException with {@code bad_frame} when the body is not well-formed JSON or not of that shape
     */
    List<Buffer> split(Buffer body);

    /**
     * Writes one frame.
     *
     * @param frame the frame
     * @return its bytes, UTF-8, on one line
     */
    Buffer encode(ServerFrame frame);

    /**
     * What a bounded scan tells of a frame.
     *
     * @param type the type, or "" when there is none that can be read
     * @param id the correlation id, or "" when there is none that can be read
     * @param counted whether the frame takes a number (R1)
     */
    record Head(String type, String id, boolean counted) {}
}
