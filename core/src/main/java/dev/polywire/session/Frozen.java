package dev.polywire.session;

import dev.polywire.Principal;
import dev.polywire.channel.Encoded;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * All that a session is, at one moment, so that another node can go on with it: nothing of it is known anywhere else (rule 37).
 *
 * @param who whose it is and what it was offered
 * @param connectedAt when it was opened, milliseconds of the wall clock
 * @param frozenAt when it was frozen, milliseconds of the wall clock of the node that did
 * @param spared the last disconnect of its user that it is younger than, as {@link DisconnectMarks} tells them apart; 0 when there is none
 * @param checked how long ago its client was last looked at, milliseconds
 * @param proven whether its client came with more than the secret last time
 * @param asked whether it was asked for new credentials in place of those that it has
 * @param attributes those of the application's that have a JSON form
 * @param counters of attaches and of the client's frames
 * @param outbox what is owed to the client
 * @param inbox accepted frames that have had no effect yet
 * @param channels what it is in
 * @param confirms what its client's application is still to confirm
 */
record Frozen(
        Who who,
        long connectedAt,
        long frozenAt,
        long spared,
        long checked,
        boolean proven,
        boolean asked,
        JsonObject attributes,
        SessionMachine.State counters,
        Outbox.State outbox,
        List<Accepted> inbox,
        List<Place> channels,
        List<Confirm> confirms) {

    /** The encoding that is written; another one is refused. */
    private static final int VERSION = 2;

    /** More than a session can be with the largest options that make sense; what is larger is not read. */
    static final int MOST = 64 * 1024 * 1024;

    /** Whose session it is and what it was offered. A heartbeat of -1 is the general one. */
    record Who(
            String id,
            String secret,
            @Nullable String client,
            int version,
            Principal principal,
            @Nullable String token,
            String transport,
            List<String> transports,
            @Nullable Duration heartbeat) {
        /** Leaves out what opens it. */
        @Override
        public String toString() {
            return "Who[id=" + id + "]";
        }
    }

    /** A frame of the client's that was accepted. */
    record Accepted(Buffer bytes, long number) {}

    /** A channel: the position after what was queued, null without history, and the version of presence that was queued. */
    record Place(String channel, @Nullable Position position, long version) {}

    /** A message that is not confirmed. */
    record Confirm(ServerFrame.Message message, int attempt, long by, boolean late) {}

    /** Returns its bytes. */
    Buffer encode() {
        FrozenWriter to = new FrozenWriter();
        to.number(VERSION);
        to.text(who.id).text(who.secret).text(who.client).number(who.version);
        Instant expiry = who.principal.expiresAt();
        to.text(who.principal.id()).text(who.principal.claims().encode());
        to.text(expiry == null ? null : expiry.toString()).text(who.token).text(who.transport);
        to.list(who.transports, to::text);
        to.number(who.heartbeat == null ? -1 : who.heartbeat.toMillis());
        to.number(connectedAt)
                .number(frozenAt)
                .number(spared)
                .number(checked)
                .flag(proven)
                .flag(asked)
                .text(attributes.encode());
        to.number(counters.attach()).number(counters.received()).number(outbox.acked());
        to.list(outbox.sent(), frame -> FrozenFrames.write(to, frame.frame()));
        to.list(outbox.pending(), place -> {
            Encoded frame = place.frame();
            to.text(place.channel()).flag(place.newest());
            to.number(place.dropped()).number(place.lastOffset()).flag(frame != null);
            if (frame != null) {
                FrozenFrames.write(to, frame.frame());
            }
        });
        to.list(inbox, next -> to.bytes(next.bytes.getBytes()).number(next.number));
        to.list(
                channels,
                place -> to.text(place.channel).position(place.position).number(place.version));
        to.list(confirms, open -> {
            FrozenFrames.message(to, open.message);
            to.number(open.attempt).number(open.by).flag(open.late);
        });
        return to.buffer();
    }

    /**
     * Reads a session.
     *
     * @param codecs finds the codec of a protocol version, which fails for one that this node does not speak
     * @throws IllegalArgumentException when it is none, or one of another version of the server that cannot be read here
     */
    static Frozen decode(Buffer bytes, IntFunction<Codec> codecs) {
        if (bytes.length() > MOST) {
            throw new IllegalArgumentException("A frozen session of " + bytes.length() + " bytes is too large.");
        }
        FrozenReader in = new FrozenReader(bytes);
        if (in.number() != VERSION) {
            throw new IllegalArgumentException("A frozen session has an encoding that is not known here.");
        }
        try {
            Frozen read = read(in, codecs);
            in.end();
            return read;
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("A frozen session cannot be read.", e);
        }
    }

    private static Frozen read(FrozenReader in, IntFunction<Codec> codecs) {
        String id = in.text();
        String secret = in.text();
        String client = in.textOrNull();
        int version = in.smallNumber();
        Codec codec = codecs.apply(version);
        String user = in.textOrNull();
        JsonObject claims = new JsonObject(in.text());
        String expiry = in.textOrNull();
        Principal principal = user == null && claims.isEmpty() && expiry == null
                ? Principal.ANONYMOUS
                : new Principal(user, claims, expiry == null ? null : Instant.parse(expiry));
        String token = in.textOrNull();
        String transport = in.text();
        List<String> transports = in.list(in::text);
        long heartbeat = in.number();
        Who who = new Who(
                id,
                secret,
                client,
                version,
                principal,
                token,
                transport,
                transports,
                heartbeat < 0 ? null : Duration.ofMillis(heartbeat));
        return new Frozen(
                who,
                in.number(),
                in.number(),
                in.number(),
                in.number(),
                in.flag(),
                in.flag(),
                new JsonObject(in.text()),
                new SessionMachine.State(in.number(), in.number()),
                new Outbox.State(
                        in.number(),
                        in.list(() -> new Encoded(FrozenFrames.read(in), codec)),
                        in.list(() -> pending(in, codec))),
                in.list(() -> new Accepted(Buffer.buffer(in.bytes()), in.number())),
                in.list(() -> new Place(in.text(), in.positionOrNull(), in.number())),
                in.list(() -> new Confirm(FrozenFrames.message(in), in.smallNumber(), in.number(), in.flag())));
    }

    private static Pending.Place pending(FrozenReader in, Codec codec) {
        String channel = in.textOrNull();
        boolean newest = in.flag();
        long dropped = in.number();
        long lastOffset = in.number();
        Encoded frame = in.flag() ? new Encoded(FrozenFrames.read(in), codec) : null;
        return new Pending.Place(frame, channel, newest, dropped, lastOffset);
    }
}
