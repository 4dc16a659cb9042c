package dev.polywire.session;

import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Batch;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What nodes say to each other about requests that one of them has got and another one has to answer: a version, a kind, and fields. Another version is not
 * understood, and so not answered.
 */
final class RelayFrames {
    /** Of all that is said here; never that of a brace. */
    static final int VERSION = 1;

    private static final int ATTACH = 1;
    private static final int CLOSED = 2;
    private static final int POST = 3;
    private static final int FRAMES = 4;
    private static final int CLOSE = 5;
    private static final int ADMIN = 6;

    private static final int ATTACHED = 101;
    private static final int DONE = 102;
    private static final int COUNT = 103;
    private static final int REFUSED = 104;
    private static final int TOLD = 105;

    private RelayFrames() {}

    /** What is asked. */
    sealed interface Question {}

    /** What is answered. */
    sealed interface Answer {}

    /**
     * A poll has come for a session of the node that is asked.
     *
     * @param id what the asking node calls the poll
     * @param who the request; without the secret among its headers
     * @param claim what the client states
     * @param hello the {@code hello} that it was stated in; empty when headers stated it
     */
    record Attach(long id, Handshake who, ClientFrame.Resume claim, Buffer hello) implements Question {}

    /** A poll is over at the node that has got it. */
    record Closed(long id) implements Question {}

    /**
     * A POST has come.
     *
     * @param first the number of its first frame
     * @param handed the client's downstream count, or -1
     * @param body all of it
     */
    record Post(String session, String secret, long first, long handed, Buffer body) implements Question {}

    /** Frames for a poll that was relayed. */
    record Frames(long id, Part part) implements Question {}

    /** A poll that was relayed is to be closed. */
    record Close(long id, CloseReason reason) implements Question {}

    /** Something for a whole node. */
    record Admin(JsonObject what) implements Question {}

    /** Frames that go out together, as in a {@link Batch}. */
    record Part(List<Buffer> frames, boolean holdable, boolean last) {
        Part(Batch batch) {
            this(batch.frames(), batch.holdable(), batch.last());
        }

        /** Tells whether a poll that gets it is answered by it. */
        boolean answers() {
            return !holdable || last;
        }
    }

    /**
     * The poll is attached.
     *
     * @param parts what it is given at once
     * @param closed why it is closed behind that; null when it is not
     */
    record Attached(List<Part> parts, @Nullable CloseReason closed) implements Answer {}

    /** It was done, or not. */
    record Done(boolean well) implements Answer {}

    /** The POST was taken. */
    record Count(long received) implements Answer {}

    /** What a whole node answers. */
    record Told(JsonObject what) implements Answer {}

    /** It was refused. */
    record Refused(Refusal why) implements Answer {}

    // ---- questions -------------------------------------------------------------------------------------------------

    static Buffer write(Question question) {
        if (question instanceof Attach attach) {
            Handshake who = attach.who();
            ClientFrame.Resume claim = attach.claim();
            return new RelayBytes.Out(VERSION, ATTACH)
                    .number(attach.id())
                    .text(who.transport())
                    .text(who.remoteAddress())
                    .text(who.path())
                    .all(headers(who.headers()))
                    .text(who.token())
                    .text(user(who.user()))
                    .text(claim.session())
                    .text(claim.secret())
                    .number(claim.attach())
                    .number(claim.received())
                    .number(claim.confirmed())
                    .bytes(attach.hello())
                    .whole();
        } else if (question instanceof Closed closed) {
            return new RelayBytes.Out(VERSION, CLOSED).number(closed.id()).whole();
        } else if (question instanceof Post post) {
            return new RelayBytes.Out(VERSION, POST)
                    .text(post.session())
                    .text(post.secret())
                    .number(post.first())
                    .number(post.handed())
                    .bytes(post.body())
                    .whole();
        } else if (question instanceof Frames frames) {
            return part(new RelayBytes.Out(VERSION, FRAMES).number(frames.id()), frames.part())
                    .whole();
        } else if (question instanceof Close close) {
            return new RelayBytes.Out(VERSION, CLOSE)
                    .number(close.id())
                    .text(close.reason().name())
                    .whole();
        } else if (question instanceof Admin admin) {
            return new RelayBytes.Out(VERSION, ADMIN)
                    .bytes(admin.what().toBuffer())
                    .whole();
        }
        throw new IllegalStateException("There is no such question.");
    }

    /** Reads a question; throws an {@link IllegalArgumentException} when it is none, or one of another version. */
    static Question question(Buffer bytes) {
        RelayBytes.In in = new RelayBytes.In(bytes);
        Question question = switch (kind(in)) {
            case ATTACH -> attach(in);
            case CLOSED -> new Closed(in.number());
            case POST -> new Post(in.text(), in.text(), in.number(), in.number(), in.bytes());
            case FRAMES -> new Frames(in.number(), part(in));
            case CLOSE -> new Close(in.number(), CloseReason.valueOf(in.text()));
            case ADMIN -> new Admin(in.bytes().toJsonObject());
            default -> throw new IllegalArgumentException("no such question");
        };
        in.end();
        return question;
    }

    private static int kind(RelayBytes.In in) {
        if (in.octet() != VERSION) {
            throw new IllegalArgumentException("another version");
        }
        return in.octet();
    }

    private static Attach attach(RelayBytes.In in) {
        long id = in.number();
        String transport = in.text();
        String remote = in.text();
        String path = in.text();
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        List<Buffer> flat = in.all();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            headers.add(flat.get(i).toString(), flat.get(i + 1).toString());
        }
        String token = in.perhaps();
        String user = in.perhaps();
        ClientFrame.Resume claim = new ClientFrame.Resume(in.text(), in.text(), in.number(), in.number(), in.number());
        Handshake who = new Handshake(transport, remote, path, headers, token, user(user), claim);
        return new Attach(id, who, claim, in.bytes());
    }

    private static List<Buffer> headers(MultiMap headers) {
        List<Buffer> flat = new ArrayList<>(headers.size() * 2);
        for (Map.Entry<String, String> header : headers) {
            // It is stated by the claim, where nobody takes it for something to log.
            if (!header.getKey().equalsIgnoreCase("Polywire-Secret")) {
                flat.add(Buffer.buffer(header.getKey()));
                flat.add(Buffer.buffer(header.getValue()));
            }
        }
        return flat;
    }

    private static @Nullable String user(@Nullable User user) {
        return user == null
                ? null
                : new JsonObject()
                        .put("principal", user.principal())
                        .put("attributes", user.attributes())
                        .encode();
    }

    private static @Nullable User user(@Nullable String json) {
        if (json == null) {
            return null;
        }
        JsonObject both = new JsonObject(json);
        JsonObject principal = both.getJsonObject("principal");
        JsonObject attributes = both.getJsonObject("attributes");
        if (principal == null || attributes == null) {
            throw new IllegalArgumentException("no user");
        }
        return User.create(principal, attributes);
    }

    private static RelayBytes.Out part(RelayBytes.Out out, Part part) {
        return out.flag(part.holdable()).flag(part.last()).all(part.frames());
    }

    private static Part part(RelayBytes.In in) {
        boolean holdable = in.flag();
        boolean last = in.flag();
        List<Buffer> frames = in.all();
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("no frames");
        }
        return new Part(frames, holdable, last);
    }

    // ---- answers ---------------------------------------------------------------------------------------------------

    static Buffer write(Answer answer) {
        if (answer instanceof Attached attached) {
            CloseReason closed = attached.closed();
            RelayBytes.Out out = new RelayBytes.Out(VERSION, ATTACHED)
                    .text(closed == null ? null : closed.name())
                    .number(attached.parts().size());
            attached.parts().forEach(part -> part(out, part));
            return out.whole();
        } else if (answer instanceof Done done) {
            return new RelayBytes.Out(VERSION, DONE).flag(done.well()).whole();
        } else if (answer instanceof Count count) {
            return new RelayBytes.Out(VERSION, COUNT).number(count.received()).whole();
        } else if (answer instanceof Refused refused) {
            return new RelayBytes.Out(VERSION, REFUSED)
                    .text(refused.why().code().name())
                    .text(refused.why().reason().name())
                    .bytes(refused.why().toJson().toBuffer())
                    .whole();
        } else if (answer instanceof Told told) {
            return new RelayBytes.Out(VERSION, TOLD)
                    .bytes(told.what().toBuffer())
                    .whole();
        }
        throw new IllegalStateException("There is no such answer.");
    }

    /** Reads an answer; throws an {@link IllegalArgumentException} when it is none. */
    static Answer answer(Buffer bytes) {
        RelayBytes.In in = new RelayBytes.In(bytes);
        Answer answer = switch (kind(in)) {
            case ATTACHED -> attached(in);
            case DONE -> new Done(in.flag());
            case COUNT -> new Count(in.number());
            case REFUSED -> refused(in);
            case TOLD -> new Told(in.bytes().toJsonObject());
            default -> throw new IllegalArgumentException("no such answer");
        };
        in.end();
        return answer;
    }

    private static Attached attached(RelayBytes.In in) {
        String reason = in.perhaps();
        long count = in.number();
        List<Part> parts = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            parts.add(part(in));
        }
        return new Attached(parts, reason == null ? null : CloseReason.valueOf(reason));
    }

    private static Refused refused(RelayBytes.In in) {
        ErrorCode code = ErrorCode.valueOf(in.text());
        CloseReason reason = CloseReason.valueOf(in.text());
        JsonObject more = in.bytes().toJsonObject();
        JsonArray spoken = more.getJsonArray("versions");
        List<Integer> versions = spoken == null
                ? null
                : spoken.stream().map(version -> ((Number) version).intValue()).toList();
        return new Refused(new Refusal(
                code,
                reason,
                more.getString("message", ""),
                more.getLong("retryAfter", 0L),
                more.getLong("received", -1L),
                versions));
    }
}
