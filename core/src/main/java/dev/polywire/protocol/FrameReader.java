package dev.polywire.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes frames from the client of their members (section 1.1 of the protocol). */
final class FrameReader {
    private static final int DEFAULT_HISTORY = 100;
    private static final int MAX_HISTORY = 1000;

    private FrameReader() {}

    static ClientFrame frame(Members in) {
        Member repeated = in.repeated();
        if (repeated != null) {
            throw in.wrong(repeated, "appears twice");
        }
        return switch (in.text(Member.TYPE, 0, Integer.MAX_VALUE)) {
            case "publish" -> publish(in);
            case "ack" -> new ClientFrame.Ack(id(in));
            case "received" -> new ClientFrame.Received(in.count(Member.COUNT));
            case "ping" -> new ClientFrame.Ping(countOrUnknown(in, Member.COUNT), optionalId(in));
            case "pong" -> new ClientFrame.Pong(countOrUnknown(in, Member.COUNT), optionalId(in));
            case "request" -> request(in);
            case "reply" -> new ClientFrame.Reply(id(in), payloadOrNull(in, Member.PAYLOAD));
            case "error" -> failure(in);
            case "subscribe" -> new ClientFrame.Subscribe(id(in), in.channels(), in.positions(), in.tokens());
            case "unsubscribe" -> new ClientFrame.Unsubscribe(id(in), in.channels());
            case "presence" ->
                new ClientFrame.Presence(
                        id(in), in.channel(), in.optionalPayload(Member.STATE), in.flag(Member.COUNT, false));
            case "history" -> history(in);
            case "refresh" -> new ClientFrame.Refresh(id(in), in.text(Member.TOKEN, 1, Integer.MAX_VALUE));
            case "noop" -> new ClientFrame.Noop();
            case "hello" -> hello(in);
            case "bye" ->
                new ClientFrame.Bye(
                        countOrUnknown(in, Member.SENT), in.optionalText(Member.REASON, 0, Limits.MAX_NAME));
            default ->
                throw new ProtocolException(
                        ErrorCode.UNKNOWN_TYPE, "No frame from a client has this `type`.", in.id(), 0);
        };
    }

    private static ClientFrame publish(Members in) {
        return new ClientFrame.Publish(
                optionalId(in),
                in.channel(),
                in.optionalText(Member.EVENT, 0, Limits.MAX_NAME),
                in.payload(Member.PAYLOAD),
                in.optionalText(Member.KEY, 0, Limits.MAX_NAME),
                in.optionalCount(Member.SENT_AT),
                traceId(in),
                in.flag(Member.ECHO, true),
                in.flag(Member.CONFIRM, false));
    }

    private static ClientFrame request(Members in) {
        Long timeout = in.optionalCount(Member.TIMEOUT);
        return new ClientFrame.Request(
                id(in),
                in.text(Member.ADDRESS, 1, Limits.MAX_NAME),
                payloadOrNull(in, Member.PAYLOAD),
                timeout == null ? 0 : timeout,
                traceId(in));
    }

    private static ClientFrame failure(Members in) {
        String code = in.optionalText(Member.CODE, 0, Limits.MAX_NAME);
        String message = in.optionalText(Member.MESSAGE, 0, Integer.MAX_VALUE);
        return new ClientFrame.Failure(
                id(in), code == null ? ErrorCode.INTERNAL.wire() : code, message == null ? "" : message);
    }

    private static ClientFrame history(Members in) {
        Long limit = in.optionalCount(Member.LIMIT);
        if (limit != null && (limit < 1 || limit > MAX_HISTORY)) {
            throw in.wrong(Member.LIMIT, "must lie between 1 and " + MAX_HISTORY);
        }
        return new ClientFrame.History(
                id(in),
                in.channel(),
                in.position(Member.SINCE),
                limit == null ? DEFAULT_HISTORY : limit.intValue(),
                in.flag(Member.REVERSE, false));
    }

    private static ClientFrame hello(Members in) {
        List<Integer> versions = in.versions();
        Members resume = in.object(Member.RESUME);
        return new ClientFrame.Hello(
                versions,
                in.optionalText(Member.CLIENT, 16, 64),
                in.optionalText(Member.TOKEN, 0, Integer.MAX_VALUE),
                resume == null ? null : resume(resume),
                payloadOrNull(in, Member.CAPABILITIES));
    }

    private static ClientFrame.Resume resume(Members in) {
        return new ClientFrame.Resume(
                in.text(Member.SESSION, 1, Limits.MAX_NAME),
                in.text(Member.SECRET, 1, Limits.MAX_NAME),
                in.count(Member.ATTACH),
                in.count(Member.RECEIVED),
                in.count(Member.CONFIRMED));
    }

    private static String id(Members in) {
        return in.text(Member.ID, 1, Limits.MAX_ID);
    }

    private static @Nullable String optionalId(Members in) {
        return in.optionalText(Member.ID, 1, Limits.MAX_ID);
    }

    private static @Nullable String traceId(Members in) {
        return in.optionalText(Member.TRACE_ID, 0, Limits.MAX_NAME);
    }

    private static long countOrUnknown(Members in, Member member) {
        Long count = in.optionalCount(member);
        return count == null ? -1 : count;
    }

    private static Payload payloadOrNull(Members in, Member member) {
        Payload payload = in.optionalPayload(member);
        return payload == null ? Payload.NULL : payload;
    }
}
