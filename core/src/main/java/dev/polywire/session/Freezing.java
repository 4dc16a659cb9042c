package dev.polywire.session;

import dev.polywire.TransportChoice;
import dev.polywire.limit.Tab;
import dev.polywire.protocol.CloseReason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes sessions apart for another node, and puts those of others together. On the session's loop. */
final class Freezing {
    private static final Logger LOG = LoggerFactory.getLogger(Freezing.class);

    private Freezing() {}

    /**
     * What is left at the node that a session leaves.
     *
     * @param state what the next node goes on with
     * @param wire the connection, to be closed when the state is written; null when there is none
     * @param handed the number of the last frame that was handed to it
     */
    record Parting(Frozen state, @Nullable Wire wire, long handed) {}

    /**
     * Waits until what the session has under way is answered, or a time is over, while nothing else of it begins, and freezes it.
     *
     * @param millis how long to wait; what is not answered by then is answered by an error in the state
     * @return null when it has ended meanwhile
     */
    static Future<@Nullable Parting> freeze(LiveSession session, long millis) {
        Promise<Void> quiet = Promise.promise();
        TimerWheel.Timer late = session.loop().after(millis, quiet::tryComplete);
        session.uplink().hold().compose(v -> session.calls().quiet()).onComplete(v -> quiet.tryComplete());
        Promise<@Nullable Parting> frozen = Promise.promise();
        quiet.future()
                .onComplete(v -> session.loop().run(() -> {
                    late.cancel();
                    frozen.complete(session.freeze());
                }));
        return frozen.future();
    }

    /** Returns what a session is. */
    static Frozen state(
            LiveSession session,
            SessionMachine.State counters,
            Outbox.State outbox,
            List<Frozen.Accepted> inbox,
            List<Frozen.Confirm> confirms) {
        TransportChoice.Offer offer = session.offer();
        return new Frozen(
                new Frozen.Who(
                        session.id(),
                        session.secret(),
                        session.nonce(),
                        session.version(),
                        session.principal(),
                        session.token(),
                        session.transport(),
                        List.copyOf(offer.transports()),
                        offer.heartbeat()),
                session.connectedAt().toEpochMilli(),
                session.engine().wallClock(),
                session.spared(),
                Math.max(0, session.loop().now() - session.authorizedAt()),
                session.proven(),
                session.asked(),
                json(session.attributes()),
                counters,
                outbox,
                inbox,
                session.memberships().places(),
                session.memberships().with(confirms));
    }

    /** Keeps what has a JSON form: an open file of the application's cannot go along. */
    private static JsonObject json(Map<String, Object> attributes) {
        JsonObject kept = new JsonObject();
        attributes.forEach((name, value) -> {
            if (value instanceof String
                    || value instanceof Boolean
                    || value instanceof Integer
                    || value instanceof Long
                    || value instanceof Double
                    || value instanceof JsonObject
                    || value instanceof JsonArray) {
                try {
                    // By way of its text: what is in an object may have no JSON form either.
                    kept.put(
                            name,
                            new JsonObject(new JsonObject().put("v", value).encode()).getValue("v"));
                } catch (RuntimeException e) {
                    LOG.warn("An attribute cannot go to another node name={}", name, e);
                }
            }
        });
        return kept;
    }

    /**
     * Puts a session together and joins its channels from where it was; nobody finds it before it is given to the registry.
     *
     * @return completes on the loop, and does not fail: a channel that cannot be joined now is tried again
     */
    static Future<LiveSession> thaw(Engine engine, EventLoop loop, Frozen state, Tab tab) {
        Frozen.Who who = state.who();
        LiveSession session = new LiveSession(
                engine,
                loop,
                new KnownSession.Opening(
                        who.id(),
                        who.secret(),
                        who.client(),
                        engine.versions().codecFor(who.version()),
                        who.version(),
                        who.principal(),
                        who.token(),
                        who.transport(),
                        new TransportChoice.Offer(who.transports(), who.heartbeat()),
                        tab));
        return session.thaw(state).map(session);
    }

    /** Closes the connection of a session that has been written for another node. */
    static void part(LiveSession session, Parting parting, CloseReason reason) {
        Wire wire = parting.wire();
        if (wire != null) {
            session.downlink().part(wire, reason, parting.handed());
        }
    }
}
