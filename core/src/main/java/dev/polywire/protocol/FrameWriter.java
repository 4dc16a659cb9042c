package dev.polywire.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes frames from the server (section 1.2 of the protocol). What a frame does not say is left out. */
final class FrameWriter {
    private final JsonGenerator json;
    private final OutputStream out;

    private FrameWriter(JsonGenerator json, OutputStream out) {
        this.json = json;
        this.out = out;
    }

    static void write(JsonFactory factory, OutputStream out, ServerFrame frame) throws IOException {
        try (JsonGenerator json = factory.createGenerator(out)) {
            new FrameWriter(json, out).frame(frame);
        }
    }

    /** Switches over the frames, the most frequent first. */
    private void frame(ServerFrame frame) throws IOException {
        if (frame instanceof ServerFrame.Message message) {
            message(message);
            return;
        }
        json.writeStartObject();
        if (frame instanceof ServerFrame.Ack ack) {
            type("ack");
            text("id", ack.id());
            position("position", ack.position());
            yes("duplicate", ack.duplicate());
        } else if (frame instanceof ServerFrame.Received received) {
            type("received");
            json.writeNumberField("count", received.count());
        } else if (frame instanceof ServerFrame.Ping ping) {
            type("ping");
            number("count", ping.count(), 0);
            text("id", ping.id());
        } else if (frame instanceof ServerFrame.Pong pong) {
            type("pong");
            number("count", pong.count(), 0);
            text("id", pong.id());
        } else if (frame instanceof ServerFrame.Reply reply) {
            type("reply");
            text("id", reply.id());
            raw("payload", reply.payload());
        } else if (frame instanceof ServerFrame.Request request) {
            type("request");
            text("id", request.id());
            text("event", request.event());
            raw("payload", request.payload());
            number("timeout", request.timeout(), 1);
        } else if (frame instanceof ServerFrame.Error error) {
            error(error);
        } else if (frame instanceof ServerFrame.Gap gap) {
            type("gap");
            text("channel", gap.channel());
            text("reason", gap.reason().name().toLowerCase(Locale.ROOT));
            position("position", gap.position());
            number("count", gap.count(), 1);
        } else if (frame instanceof ServerFrame.History history) {
            history(history);
        } else if (frame instanceof ServerFrame.Noop) {
            type("noop");
        } else {
            rare(frame);
        }
        json.writeEndObject();
    }

    private void rare(ServerFrame frame) throws IOException {
        if (frame instanceof ServerFrame.Welcome welcome) {
            welcome(welcome);
        } else if (frame instanceof ServerFrame.Bye bye) {
            bye(bye);
        } else if (frame instanceof ServerFrame.Subscribed subscribed) {
            subscribed(subscribed);
        } else if (frame instanceof ServerFrame.Unsubscribed unsubscribed) {
            type("unsubscribed");
            text("id", unsubscribed.id());
            text("channel", unsubscribed.channel());
            text("reason", unsubscribed.reason());
        } else if (frame instanceof ServerFrame.PresenceList list) {
            type("presence");
            text("id", list.id());
            text("channel", list.channel());
            members(list.members());
            countAndVersion(list.count(), list.version());
        } else if (frame instanceof ServerFrame.PresenceChange change) {
            type("presence");
            change(change.channel(), change.member(), change.count(), change.version());
        } else if (frame instanceof ServerFrame.Join join) {
            type("join");
            change(join.channel(), join.member(), join.count(), join.version());
            yes("first", join.first());
        } else if (frame instanceof ServerFrame.Refresh refresh) {
            type("refresh");
            json.writeNumberField("expiresIn", refresh.expiresIn());
        } else if (frame instanceof ServerFrame.Leave leave) {
            type("leave");
            change(leave.channel(), leave.member(), leave.count(), leave.version());
            yes("last", leave.last());
        } else {
            throw new IllegalArgumentException(
                    "No JSON form for " + frame.getClass().getSimpleName());
        }
    }

    private void message(ServerFrame.Message message) throws IOException {
        json.writeStartObject();
        type("message");
        text("channel", message.channel());
        text("event", message.event());
        raw("payload", message.payload());
        json.writeNumberField("timestamp", message.timestamp());
        number("offset", message.offset(), 1);
        text("user", message.user());
        text("key", message.key());
        Long sentAt = message.sentAt();
        if (sentAt != null) {
            json.writeNumberField("sentAt", sentAt);
        }
        text("traceId", message.traceId());
        text("confirm", message.confirm());
        number("attempt", message.attempt(), 2);
        json.writeEndObject();
    }

    private void error(ServerFrame.Error error) throws IOException {
        type("error");
        text("code", error.code().wire());
        text("message", error.message());
        text("id", error.id());
        text("channel", error.channel());
        number("frame", error.frame(), 1);
        number("retryAfter", error.retryAfter(), 1);
        List<Integer> versions = error.versions();
        if (versions != null) {
            json.writeArrayFieldStart("versions");
            for (int version : versions) {
                json.writeNumber(version);
            }
            json.writeEndArray();
        }
    }

    private void history(ServerFrame.History history) throws IOException {
        type("history");
        text("id", history.id());
        text("channel", history.channel());
        json.writeArrayFieldStart("messages");
        for (ServerFrame.Message message : history.messages()) {
            message(message);
        }
        json.writeEndArray();
        position("position", history.position());
        yes("more", history.more());
    }

    private void welcome(ServerFrame.Welcome welcome) throws IOException {
        type("welcome");
        json.writeNumberField("version", welcome.version());
        text("session", welcome.session());
        text("secret", welcome.secret());
        if (welcome.secret() != null && welcome.user() == null) {
            json.writeNullField("user");
        }
        text("user", welcome.user());
        json.writeBooleanField("resumed", welcome.resumed());
        text("reason", welcome.reason());
        json.writeNumberField("received", welcome.received());
        json.writeNumberField("first", welcome.first());
        json.writeNumberField("heartbeat", welcome.heartbeat());
        if (!welcome.resumed()) {
            json.writeNumberField("grace", welcome.grace());
        }
        List<String> transports = welcome.transports();
        if (transports != null) {
            json.writeArrayFieldStart("transports");
            for (String transport : transports) {
                json.writeString(transport);
            }
            json.writeEndArray();
        }
        ServerFrame.Bounds limits = welcome.limits();
        if (limits != null) {
            json.writeObjectFieldStart("limits");
            json.writeNumberField("frame", limits.frame());
            json.writeNumberField("post", limits.post());
            json.writeNumberField("window", limits.window());
            json.writeNumberField("outbox", limits.outbox());
            json.writeNumberField("channels", limits.channels());
            json.writeEndObject();
        }
    }

    private void bye(ServerFrame.Bye bye) throws IOException {
        type("bye");
        json.writeNumberField("code", bye.reason().code());
        text("reason", bye.reason().wire());
        text("reconnect", bye.reason().reconnect().wire());
        number("retryAfter", bye.retryAfter(), 1);
        number("sent", bye.sent(), 0);
    }

    private void subscribed(ServerFrame.Subscribed subscribed) throws IOException {
        type("subscribed");
        text("id", subscribed.id());
        text("channel", subscribed.channel());
        position("position", subscribed.position());
        Boolean recovered = subscribed.recovered();
        if (recovered != null) {
            json.writeBooleanField("recovered", recovered);
        }
        yes("already", subscribed.already());
        members(subscribed.members());
        if (subscribed.count() >= 0) {
            countAndVersion(subscribed.count(), subscribed.version());
        }
        Payload snapshot = subscribed.snapshot();
        if (snapshot != null) {
            raw("snapshot", snapshot);
        }
    }

    private void change(String channel, ServerFrame.Member member, int count, long version) throws IOException {
        text("channel", channel);
        json.writeFieldName("member");
        member(member);
        countAndVersion(count, version);
    }

    private void countAndVersion(int count, long version) throws IOException {
        json.writeNumberField("count", count);
        json.writeNumberField("version", version);
    }

    private void members(@Nullable List<ServerFrame.Member> members) throws IOException {
        if (members == null) {
            return;
        }
        json.writeArrayFieldStart("members");
        for (ServerFrame.Member member : members) {
            member(member);
        }
        json.writeEndArray();
    }

    private void member(ServerFrame.Member member) throws IOException {
        json.writeStartObject();
        json.writeStringField("session", member.session());
        json.writeStringField("user", member.user());
        raw("state", member.state());
        json.writeNumberField("since", member.since());
        json.writeEndObject();
    }

    private void type(String type) throws IOException {
        json.writeStringField("type", type);
    }

    private void text(String name, @Nullable String value) throws IOException {
        if (value != null) {
            json.writeStringField(name, value);
        }
    }

    private void yes(String name, boolean value) throws IOException {
        if (value) {
            json.writeBooleanField(name, true);
        }
    }

    /** Writes a number unless it is below what says something. */
    private void number(String name, long value, long least) throws IOException {
        if (value >= least) {
            json.writeNumberField(name, value);
        }
    }

    private void position(String name, @Nullable Position position) throws IOException {
        if (position != null) {
            json.writeObjectFieldStart(name);
            json.writeStringField("epoch", position.epoch());
            json.writeNumberField("offset", position.offset());
            json.writeEndObject();
        }
    }

    /** Puts the payload's bytes in as they are: the generator writes the name, then lets us at the stream beneath it. */
    private void raw(String name, Payload payload) throws IOException {
        json.writeFieldName(name);
        json.writeRawValue("");
        json.flush();
        out.write(payload.bytes());
    }
}
