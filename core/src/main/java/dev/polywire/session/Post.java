package dev.polywire.session;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Refusal;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The frames of a POST's body, and their heads. */
record Post(List<Buffer> frames, List<Codec.Head> heads) {
    private static final Logger LOG = LoggerFactory.getLogger(Post.class);

    /** Looks at a body as a whole, before anything of it counts. */
    static Post examine(LiveSession session, SessionMachine machine, int waiting, long first, Buffer body) {
        Codec codec = session.codec();
        List<Buffer> frames;
        try {
            frames = codec.split(body);
        } catch (ProtocolException e) {
            LOG.info(
                    "bad_frame session={} transport=post code={}",
                    session.id(),
                    e.code().wire());
            throw new Refusal(e.code(), CloseReason.BAD_FRAME, e.text());
        }
        List<Codec.Head> heads = new ArrayList<>(frames.size());
        boolean counted = false;
        int most = session.engine().options().session().frame();
        long next = first;
        for (Buffer frame : frames) {
            if (frame.length() > most) {
                FrameTrace.in(session.id(), "send", 0, frame, most);
                throw new Refusal(ErrorCode.TOO_LARGE, CloseReason.TOO_LARGE, "A frame is over the limit.");
            }
            Codec.Head head = codec.scan(frame);
            FrameTrace.in(session.id(), "send", head.counted() ? next++ : 0, frame, most);
            heads.add(head);
            counted |= head.counted();
        }
        if (counted) {
            if (first <= 0) {
                throw new Refusal(
                        ErrorCode.BAD_FRAME,
                        CloseReason.BAD_FRAME,
                        "Polywire-First must number the first counted frame.");
            }
            if (machine.arrives(first) == SessionMachine.Arrival.AHEAD) {
                throw new Refusal(
                        ErrorCode.OUT_OF_ORDER,
                        CloseReason.OUT_OF_STEP,
                        "Frames before these are missing.",
                        0,
                        machine.received(),
                        null);
            }
            if (waiting >= session.engine().options().session().inbox()) {
                throw new Refusal(
                        ErrorCode.UNAVAILABLE, CloseReason.INBOX_FULL, "Too many frames are waiting.", 1000, -1, null);
            }
        }
        return new Post(frames, heads);
    }
}
