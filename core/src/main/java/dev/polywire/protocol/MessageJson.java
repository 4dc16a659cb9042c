package dev.polywire.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Writes {@code message} frames, which are nearly all that a busy server encodes, without a generator: each goes into one array of
 * just its length. It writes what {@link FrameWriter} writes, to the letter, as long as nothing has to be escaped.
 */
final class MessageJson extends PlainJson {
    private static final byte[] TYPE = ascii("{\"type\":\"message\"");
    private static final byte[] CHANNEL = ascii(",\"channel\":\"");
    private static final byte[] EVENT = ascii(",\"event\":\"");
    private static final byte[] PAYLOAD = ascii(",\"payload\":");
    private static final byte[] TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] OFFSET = ascii(",\"offset\":");
    private static final byte[] USER = ascii(",\"user\":\"");
    private static final byte[] KEY = ascii(",\"key\":\"");
    private static final byte[] SENT_AT = ascii(",\"sentAt\":");
    private static final byte[] TRACE_ID = ascii(",\"traceId\":\"");
    private static final byte[] CONFIRM = ascii(",\"confirm\":\"");
    private static final byte[] ATTEMPT = ascii(",\"attempt\":");

    private final ServerFrame.Message message;

    private MessageJson(ServerFrame.Message message) {
        this.message = message;
    }

    /** Returns the frame as JSON, or null when something in it must be escaped or is not ASCII. */
    static byte @Nullable [] write(ServerFrame.Message message) {
        if (!plain(message.channel())
                || !plain(message.event())
                || !plain(message.user())
                || !plain(message.key())
                || !plain(message.traceId())
                || !plain(message.confirm())
                || message.timestamp() < 0
                || (message.sentAt() != null && message.sentAt() < 0)) {
            return null;
        }
        return new MessageJson(message).json();
    }

    @Override
    void all() {
        add(TYPE);
        text(CHANNEL, message.channel());
        text(EVENT, message.event());
        add(PAYLOAD);
        add(message.payload().bytes());
        number(TIMESTAMP, message.timestamp());
        if (message.offset() >= 1) {
            number(OFFSET, message.offset());
        }
        text(USER, message.user());
        text(KEY, message.key());
        Long sentAt = message.sentAt();
        if (sentAt != null) {
            number(SENT_AT, sentAt);
        }
        text(TRACE_ID, message.traceId());
        text(CONFIRM, message.confirm());
        if (message.attempt() >= 2) {
            number(ATTEMPT, message.attempt());
        }
        add((byte) '}');
    }
}
