package dev.polywire.session;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one line for each frame, in both directions, when somebody wants to know: what kind it is and how large, never what it
 * carries. Payloads, states, tokens and secrets have no place on a line.
 */
final class FrameTrace {
    private static final Logger LOG = LoggerFactory.getLogger(FrameTrace.class);
    private static final String NONE = "-";

    private FrameTrace() {}

    /** Tells whether there is any use in telling of frames. */
    static boolean on() {
        return LOG.isTraceEnabled();
    }

    /**
     * Tells of a frame that a client has sent.
     *
     * @param number its number, or 0 when it is not counted
     * @param most a larger one is not read for what it is
     */
    static void in(String session, String transport, long number, Buffer frame, int most) {
        if (on()) {
            line("frame_in", session, transport, number, frame, most);
        }
    }

    /**
     * Tells of a frame that goes to a client.
     *
     * @param number its number, or 0 when it is not counted
     */
    static void out(String session, String transport, long number, Buffer json) {
        if (on()) {
            line("frame_out", session, transport, number, json, Integer.MAX_VALUE);
        }
    }

    private static void line(String way, String session, String transport, long number, Buffer frame, int most) {
        JsonObject json = frame.length() > most ? null : read(frame);
        LOG.trace(
                "{} session={} transport={} number={} type={} channel={} event={} id={} bytes={}",
                way,
                session,
                transport,
                number,
                text(json, "type"),
                channel(json),
                text(json, "event"),
                text(json, "id"),
                frame.length());
    }

    private static @Nullable JsonObject read(Buffer frame) {
        try {
            return frame.toJsonObject();
        } catch (RuntimeException noJson) {
            // It is told all the same; what is wrong with it, its answer says.
            return null;
        }
    }

    private static String channel(@Nullable JsonObject json) {
        if (json == null || !(json.getValue("channels") instanceof JsonArray channels)) {
            return text(json, "channel");
        }
        return Logged.line(channels.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }

    private static String text(@Nullable JsonObject json, String name) {
        return json != null && json.getValue(name) instanceof String text ? Logged.line(text) : NONE;
    }
}
