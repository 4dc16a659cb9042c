package dev.polywire.session;

import dev.polywire.ChannelHandler;
import dev.polywire.Channels;
import dev.polywire.Presence;
import dev.polywire.Revocation;
import dev.polywire.Session;
import dev.polywire.Sessions;
import dev.polywire.channel.Encoded;
import dev.polywire.channel.Subscriber;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Limits;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What the application reaches of sessions, channels and presence. Safe for all threads. */
final class Facade implements Sessions {
    private static final Duration LONGEST_REVOCATION = Duration.ofDays(365);

    private final Engine engine;
    private final Channels channels = new OfChannels();
    private final Presence presence = new OfPresence();

    Facade(Engine engine) {
        this.engine = engine;
    }

    Channels channels() {
        return channels;
    }

    Presence presence() {
        return presence;
    }

    @Override
    public @Nullable Session get(String id) {
        return engine.registry().get(id);
    }

    @Override
    public Collection<Session> ofUser(String user) {
        return engine.registry().ofUser(user);
    }

    @Override
    public Collection<Session> inChannel(String channel) {
        List<Session> found = new ArrayList<>();
        for (Subscriber subscriber : engine.hub().subscribers(channel)) {
            // A bare reader has no session.
            if (subscriber instanceof LiveSession session) {
                found.add(session);
            }
        }
        return found;
    }

    @Override
    public Collection<Session> all() {
        return new ArrayList<>(engine.registry().all());
    }

    @Override
    public int send(Predicate<Session> filter, String event, Object payload) {
        Encoded message = new Encoded(engine.directMessage(event, payload), engine.codec());
        int count = 0;
        for (LiveSession session : engine.registry().all()) {
            if (filter.test(session)) {
                session.send(message);
                count++;
            }
        }
        return count;
    }

    @Override
    public Future<Integer> disconnect(String user, CloseReason reason) {
        long at = engine.expulsion().marks().next(user);
        Future<Integer> here = engine.expulsion().disconnect(user, reason, at);
        Nodes nodes = engine.nodes();
        return nodes == null ? here : sum(here, nodes.everywhere().disconnect(user, reason, at));
    }

    @Override
    public Future<Integer> revoke(Revocation what, Duration time) {
        if (time.toMillis() < 1 || time.compareTo(LONGEST_REVOCATION) > 0) {
            throw new IllegalArgumentException("A revocation holds for 1 ms to 365 days, not " + time + ".");
        }
        String client = engine.expulsion().client(what);
        Future<Integer> here = engine.expulsion().revoke(what, client, time.toMillis());
        Nodes nodes = engine.nodes();
        return nodes == null ? here : sum(here, nodes.everywhere().revoke(what, client, time.toMillis()));
    }

    private static Future<Integer> sum(Future<Integer> here, Future<Integer> there) {
        return Future.join(here, there).map(both -> here.result() + there.result());
    }

    @Override
    public Future<Boolean> restore(Revocation what) {
        boolean here = engine.revocations().remove(what);
        Nodes nodes = engine.nodes();
        return nodes == null
                ? Future.succeededFuture(here)
                : nodes.everywhere().restore(what).map(there -> here || there);
    }

    private final class OfChannels implements Channels {
        @Override
        public Future<Broker.Receipt> publish(String channel, String event, @Nullable Object payload) {
            return publish(new Outgoing(channel, event, payload, null, null, false, null));
        }

        @Override
        public Future<Broker.Receipt> publish(Outgoing message) {
            String channel = message.channel();
            if (!Limits.isChannel(channel)) {
                return Future.failedFuture(
                        new ProtocolException(ErrorCode.BAD_CHANNEL, "This is not a channel name: " + channel));
            }
            Payload payload;
            try {
                payload = engine.sized(message.payload());
            } catch (ProtocolException | IllegalArgumentException e) {
                return Future.failedFuture(e);
            }
            engine.counters().published();
            ServerFrame.Message frame = new ServerFrame.Message(
                    channel,
                    message.event(),
                    payload,
                    engine.wallClock(),
                    0,
                    null,
                    message.key(),
                    null,
                    message.traceId(),
                    message.confirm() ? Secrets.token() : null,
                    1);
            // No name of a client's page begins like that.
            String dedupe = message.id() == null ? null : "\n" + message.id();
            return engine.hub()
                    .publish(new Broker.Publication(
                            frame, engine.options().channelOptions(channel).keep(), dedupe, null));
        }

        @Override
        public Future<Broker.Slice> history(String channel, @Nullable Position since, int limit) {
            return engine.hub().history(channel, since, limit, false);
        }

        @Override
        public int subscribers(String channel) {
            return engine.hub().subscribers(channel).size();
        }

        @Override
        public Channels handler(String namespace, ChannelHandler handler) {
            engine.hub().handler(namespace, handler);
            return this;
        }
    }

    private final class OfPresence implements Presence {
        @Override
        public Future<PresenceStore.Snapshot> members(String channel) {
            return engine.hub().members(channel, false);
        }

        @Override
        public Future<Integer> count(String channel) {
            return engine.hub().members(channel, true).map(PresenceStore.Snapshot::count);
        }
    }
}
