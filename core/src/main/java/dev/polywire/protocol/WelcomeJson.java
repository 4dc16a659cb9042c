package dev.polywire.protocol;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes the {@code welcome} of a resume, of which each poll gets one, without a generator: to the letter what {@link FrameWriter} writes. */
final class WelcomeJson {
    private WelcomeJson() {}

    /** Returns the frame as JSON, or null when it says more than that a session goes on. */
    static byte @Nullable [] write(ServerFrame.Welcome welcome) {
        if (!welcome.resumed()
                || welcome.secret() != null
                || welcome.user() != null
                || welcome.reason() != null
                || welcome.transports() != null
                || welcome.limits() != null
                || !MessageJson.plain(welcome.session())) {
            return null;
        }
        String json = "{\"type\":\"welcome\",\"version\":" + welcome.version() + ",\"session\":\"" + welcome.session()
                + "\",\"resumed\":true,\"received\":" + welcome.received() + ",\"first\":" + welcome.first()
                + ",\"heartbeat\":" + welcome.heartbeat() + '}';
        return json.getBytes(StandardCharsets.US_ASCII);
    }
}
