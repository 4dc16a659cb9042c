package dev.polywire.session;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The counted frames of an outbox as bytes and back. Frames, not what they look like on a wire: the node that goes on encodes
 * them as the session's version wants it, and may replace them when a channel is denied.
 */
final class FrozenFrames {
    private FrozenFrames() {}

    static void write(FrozenWriter to, ServerFrame frame) {
        if (frame instanceof ServerFrame.Message message) {
            to.text("message");
            message(to, message);
        } else if (frame instanceof ServerFrame.Ack ack) {
            to.text("ack").text(ack.id()).position(ack.position()).flag(ack.duplicate());
        } else if (frame instanceof ServerFrame.Error error) {
            to.text("error").text(error.code().name()).text(error.message()).text(error.id());
            to.text(error.channel()).number(error.frame()).number(error.retryAfter());
            to.list(error.versions(), version -> to.number(version));
        } else if (frame instanceof ServerFrame.Reply reply) {
            to.text("reply").text(reply.id()).payload(reply.payload());
        } else if (frame instanceof ServerFrame.Request request) {
            to.text("request").text(request.id()).text(request.event());
            to.payload(request.payload()).number(request.timeout());
        } else if (frame instanceof ServerFrame.Gap gap) {
            to.text("gap").text(gap.channel()).text(gap.reason().name());
            to.position(gap.position()).number(gap.count());
        } else if (frame instanceof ServerFrame.History history) {
            to.text("history").text(history.id()).text(history.channel());
            to.list(history.messages(), message -> message(to, message));
            to.position(history.position()).flag(history.more());
        } else if (frame instanceof ServerFrame.Noop) {
            to.text("noop");
        } else if (frame instanceof ServerFrame.Refresh refresh) {
            to.text("refresh").number(refresh.expiresIn());
        } else {
            ofChannels(to, frame);
        }
    }

    private static void ofChannels(FrozenWriter to, ServerFrame frame) {
        if (frame instanceof ServerFrame.Subscribed s) {
            to.text("subscribed").text(s.id()).text(s.channel()).position(s.position());
            Boolean recovered = s.recovered();
            to.number(recovered == null ? -1 : recovered ? 1 : 0).flag(s.already());
            to.list(s.members(), member -> member(to, member));
            to.number(s.count()).number(s.version()).payload(s.snapshot());
        } else if (frame instanceof ServerFrame.Unsubscribed u) {
            to.text("unsubscribed").text(u.id()).text(u.channel()).text(u.reason());
        } else if (frame instanceof ServerFrame.PresenceList list) {
            to.text("members").text(list.id()).text(list.channel());
            to.list(list.members(), member -> member(to, member));
            to.number(list.count()).number(list.version());
        } else if (frame instanceof ServerFrame.PresenceChange c) {
            change(to, "presence", c.channel(), c.member(), c.count(), c.version());
        } else if (frame instanceof ServerFrame.Join j) {
            change(to, "join", j.channel(), j.member(), j.count(), j.version());
            to.flag(j.first());
        } else if (frame instanceof ServerFrame.Leave l) {
            change(to, "leave", l.channel(), l.member(), l.count(), l.version());
            to.flag(l.last());
        } else {
            throw new IllegalArgumentException(frame.getClass().getSimpleName() + " is not counted.");
        }
    }

    private static void change(
            FrozenWriter to, String type, String channel, ServerFrame.Member member, int count, long version) {
        to.text(type).text(channel);
        member(to, member);
        to.number(count).number(version);
    }

    private static void member(FrozenWriter to, ServerFrame.Member member) {
        to.text(member.session()).text(member.user()).payload(member.state()).number(member.since());
    }

    static void message(FrozenWriter to, ServerFrame.Message m) {
        to.text(m.channel()).text(m.event()).payload(m.payload()).number(m.timestamp());
        Long sentAt = m.sentAt();
        to.number(m.offset()).text(m.user()).text(m.key()).flag(sentAt != null);
        to.number(sentAt == null ? 0 : sentAt)
                .text(m.traceId())
                .text(m.confirm())
                .number(m.attempt());
    }

    static ServerFrame.Message message(FrozenReader in) {
        String channel = in.textOrNull();
        String event = in.textOrNull();
        Payload payload = in.payload();
        long timestamp = in.number();
        long offset = in.number();
        String user = in.textOrNull();
        String key = in.textOrNull();
        boolean sent = in.flag();
        long sentAt = in.number();
        return new ServerFrame.Message(
                channel,
                event,
                payload,
                timestamp,
                offset,
                user,
                key,
                sent ? (Long) sentAt : null,
                in.textOrNull(),
                in.textOrNull(),
                in.smallNumber());
    }

    private static ServerFrame.Member member(FrozenReader in) {
        return new ServerFrame.Member(in.text(), in.textOrNull(), in.payload(), in.number());
    }

    private static @Nullable List<ServerFrame.Member> members(FrozenReader in) {
        return in.listOrNull(() -> member(in));
    }

    /** Reads a frame; arguments are read in the order in which they were written. */
    static ServerFrame read(FrozenReader in) {
        String type = in.text();
        return switch (type) {
            case "message" -> message(in);
            case "ack" -> new ServerFrame.Ack(in.text(), in.positionOrNull(), in.flag());
            case "error" ->
                new ServerFrame.Error(
                        ErrorCode.valueOf(in.text()),
                        in.text(),
                        in.textOrNull(),
                        in.textOrNull(),
                        in.number(),
                        in.number(),
                        in.listOrNull(in::smallNumber));
            case "reply" -> new ServerFrame.Reply(in.text(), in.payload());
            case "request" -> new ServerFrame.Request(in.text(), in.text(), in.payload(), in.number());
            case "gap" ->
                new ServerFrame.Gap(
                        in.text(), ServerFrame.GapReason.valueOf(in.text()), in.positionOrNull(), in.number());
            case "history" ->
                new ServerFrame.History(
                        in.text(), in.text(), in.list(() -> message(in)), need(in.positionOrNull()), in.flag());
            case "noop" -> new ServerFrame.Noop();
            case "refresh" -> new ServerFrame.Refresh(in.number());
            case "subscribed" ->
                new ServerFrame.Subscribed(
                        in.textOrNull(),
                        in.text(),
                        in.positionOrNull(),
                        recovered(in.number()),
                        in.flag(),
                        members(in),
                        in.smallNumber(),
                        in.number(),
                        in.payloadOrNull());
            case "unsubscribed" -> new ServerFrame.Unsubscribed(in.textOrNull(), in.text(), in.textOrNull());
            case "members" ->
                new ServerFrame.PresenceList(in.textOrNull(), in.text(), members(in), in.smallNumber(), in.number());
            case "presence" -> new ServerFrame.PresenceChange(in.text(), member(in), in.smallNumber(), in.number());
            case "join" -> new ServerFrame.Join(in.text(), member(in), in.smallNumber(), in.number(), in.flag());
            case "leave" -> new ServerFrame.Leave(in.text(), member(in), in.smallNumber(), in.number(), in.flag());
            default -> throw new IllegalArgumentException("A frozen session has a frame of no known type.");
        };
    }

    private static @Nullable Boolean recovered(long written) {
        return written < 0 ? null : (Boolean) (written == 1);
    }

    private static <T> T need(@Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException("A frozen frame lacks something.");
        }
        return value;
    }
}
