package dev.polywire.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes what every client gets when it comes and while it stays, without a generator: a server that has just come back has as many
 * of these to encode as it has clients, and nobody shares them. It writes what {@link FrameWriter} writes, to the letter.
 */
final class ControlJson extends PlainJson {
    private static final byte[] WELCOME = ascii("{\"type\":\"welcome\",\"version\":");
    private static final byte[] SESSION = ascii(",\"session\":\"");
    private static final byte[] SECRET = ascii(",\"secret\":\"");
    private static final byte[] USER = ascii(",\"user\":\"");
    private static final byte[] NOBODY = ascii(",\"user\":null");
    private static final byte[] RESUMED = ascii(",\"resumed\":true");
    private static final byte[] OPENED = ascii(",\"resumed\":false");
    private static final byte[] REASON = ascii(",\"reason\":\"");
    private static final byte[] RECEIVED = ascii(",\"received\":");
    private static final byte[] FIRST = ascii(",\"first\":");
    private static final byte[] HEARTBEAT = ascii(",\"heartbeat\":");
    private static final byte[] GRACE = ascii(",\"grace\":");
    private static final byte[] TRANSPORTS = ascii(",\"transports\":[");
    private static final byte[] LIMITS = ascii(",\"limits\":{\"frame\":");
    private static final byte[] POST = ascii(",\"post\":");
    private static final byte[] WINDOW = ascii(",\"window\":");
    private static final byte[] OUTBOX = ascii(",\"outbox\":");
    private static final byte[] CHANNELS = ascii(",\"channels\":");

    private static final byte[] SUBSCRIBED = ascii("{\"type\":\"subscribed\"");
    private static final byte[] ID = ascii(",\"id\":\"");
    private static final byte[] CHANNEL = ascii(",\"channel\":\"");
    private static final byte[] POSITION = ascii(",\"position\":{\"epoch\":\"");
    private static final byte[] OFFSET = ascii("\",\"offset\":");
    private static final byte[] RECOVERED = ascii(",\"recovered\":true");
    private static final byte[] UNRECOVERED = ascii(",\"recovered\":false");
    private static final byte[] ALREADY = ascii(",\"already\":true");

    private static final byte[] RECEIVED_FRAME = ascii("{\"type\":\"received\",\"count\":");
    private static final byte[] PING = ascii("{\"type\":\"ping\"");
    private static final byte[] PONG = ascii("{\"type\":\"pong\"");
    private static final byte[] COUNT = ascii(",\"count\":");

    private final ServerFrame frame;

    private ControlJson(ServerFrame frame) {
        this.frame = frame;
    }

    /** Returns the frame as JSON, or null when it is another one, or something in it must be escaped or is not ASCII. */
    static byte @Nullable [] write(ServerFrame frame) {
        return fits(frame) ? new ControlJson(frame).json() : null;
    }

    private static boolean fits(ServerFrame frame) {
        if (frame instanceof ServerFrame.Welcome welcome) {
            return fits(welcome);
        } else if (frame instanceof ServerFrame.Subscribed subscribed) {
            return subscribed.members() == null
                    && subscribed.snapshot() == null
                    && subscribed.count() < 0
                    && plain(subscribed.id())
                    && plain(subscribed.channel())
                    && fits(subscribed.position());
        } else if (frame instanceof ServerFrame.Received received) {
            return received.count() >= 0;
        } else if (frame instanceof ServerFrame.Ping ping) {
            return plain(ping.id());
        }
        return frame instanceof ServerFrame.Pong pong && plain(pong.id());
    }

    private static boolean fits(ServerFrame.Welcome welcome) {
        List<String> transports = welcome.transports();
        if (transports != null) {
            for (String transport : transports) {
                if (!plain(transport)) {
                    return false;
                }
            }
        }
        return welcome.version() >= 0
                && plain(welcome.session())
                && plain(welcome.secret())
                && plain(welcome.user())
                && plain(welcome.reason())
                && welcome.received() >= 0
                && welcome.first() >= 0
                && welcome.heartbeat() >= 0
                && welcome.grace() >= 0;
    }

    private static boolean fits(@Nullable Position position) {
        return position == null || plain(position.epoch()) && position.offset() >= 0;
    }

    @Override
    void all() {
        if (frame instanceof ServerFrame.Welcome welcome) {
            welcome(welcome);
        } else if (frame instanceof ServerFrame.Subscribed subscribed) {
            subscribed(subscribed);
        } else if (frame instanceof ServerFrame.Received received) {
            number(RECEIVED_FRAME, received.count());
        } else if (frame instanceof ServerFrame.Ping ping) {
            beat(PING, ping.count(), ping.id());
        } else if (frame instanceof ServerFrame.Pong pong) {
            beat(PONG, pong.count(), pong.id());
        }
        add((byte) '}');
    }

    private void welcome(ServerFrame.Welcome welcome) {
        number(WELCOME, welcome.version());
        text(SESSION, welcome.session());
        text(SECRET, welcome.secret());
        if (welcome.secret() != null && welcome.user() == null) {
            add(NOBODY);
        }
        text(USER, welcome.user());
        add(welcome.resumed() ? RESUMED : OPENED);
        text(REASON, welcome.reason());
        number(RECEIVED, welcome.received());
        number(FIRST, welcome.first());
        number(HEARTBEAT, welcome.heartbeat());
        if (!welcome.resumed()) {
            number(GRACE, welcome.grace());
        }
        List<String> transports = welcome.transports();
        if (transports != null) {
            add(TRANSPORTS);
            for (int i = 0; i < transports.size(); i++) {
                if (i > 0) {
                    add((byte) ',');
                }
                add((byte) '"');
                add(transports.get(i));
                add((byte) '"');
            }
            add((byte) ']');
        }
        ServerFrame.Bounds limits = welcome.limits();
        if (limits != null) {
            number(LIMITS, limits.frame());
            number(POST, limits.post());
            number(WINDOW, limits.window());
            number(OUTBOX, limits.outbox());
            number(CHANNELS, limits.channels());
            add((byte) '}');
        }
    }

    private void subscribed(ServerFrame.Subscribed subscribed) {
        add(SUBSCRIBED);
        text(ID, subscribed.id());
        text(CHANNEL, subscribed.channel());
        Position position = subscribed.position();
        if (position != null) {
            add(POSITION);
            add(position.epoch());
            number(OFFSET, position.offset());
            add((byte) '}');
        }
        Boolean recovered = subscribed.recovered();
        if (recovered != null) {
            add(recovered ? RECOVERED : UNRECOVERED);
        }
        if (subscribed.already()) {
            add(ALREADY);
        }
    }

    private void beat(byte[] type, long count, @Nullable String id) {
        add(type);
        if (count >= 0) {
            number(COUNT, count);
        }
        text(ID, id);
    }
}
