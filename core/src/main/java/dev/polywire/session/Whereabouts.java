package dev.polywire.session;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Ledger;
import dev.polywire.spi.Peers;
import dev.polywire.spi.Refusal;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the sessions of other nodes are: in the ledger if they have moved, else with the node that their id names. What an owner has confirmed is remembered for a while.
 * Safe for all threads.
 */
final class Whereabouts {
    private static final Logger LOG = LoggerFactory.getLogger(Whereabouts.class);

    /** How many are remembered. */
    private static final int MOST = 100_000;

    /** For how long, since the owner was last heard, milliseconds. */
    private static final long REMEMBER = 60_000;

    /** Says that a session waits for whichever node its client reaches, as this one. */
    static final Refusal WAITS =
            new Refusal(ErrorCode.UNAVAILABLE, CloseReason.TRY_LATER, "The session is on its way.", 500, -1, null);

    private static final Pattern NODE = Pattern.compile("[a-z0-9]{8,24}");

    private final Engine engine;
    private final Peers peers;
    private final Ledger ledger;

    /** That used longest ago comes first. */
    private final Map<String, Known> known = new LinkedHashMap<>(16, 0.75f, true);

    /** An owner, under the fence that the ledger has for it, and whether it is still to take the session. */
    private record Place(String node, long fence, boolean waits) {}

    private record Known(Place place, String secret, long until) {}

    /** An answer, and who gave it. */
    record Heard(String node, RelayFrames.Answer answer) {}

    Whereabouts(Engine engine, Peers peers, Ledger ledger) {
        this.engine = engine;
        this.peers = peers;
        this.ledger = ledger;
    }

    /** Tells whether something can be the name of a node. */
    static boolean isNode(String name) {
        return NODE.matcher(name).matches();
    }

    /** Tells whether an owner has lately confirmed that there is such a session with such a secret. */
    boolean knows(String session, String secret) {
        return find(session, secret) != null;
    }

    private @Nullable Place find(String session, String secret) {
        Known one;
        synchronized (known) {
            one = known.get(session);
        }
        return one != null && one.until() > engine.now() && Secrets.same(one.secret(), secret) ? one.place() : null;
    }

    private void remember(String session, String secret, Place place) {
        synchronized (known) {
            known.put(session, new Known(place, secret, engine.now() + REMEMBER));
            if (known.size() > MOST) {
                known.remove(known.keySet().iterator().next());
            }
        }
    }

    private void forget(String session, String secret) {
        synchronized (known) {
            Known one = known.get(session);
            if (one != null && Secrets.same(one.secret(), secret)) {
                known.remove(session);
            }
        }
    }

    /** Returns how many are remembered. */
    int size() {
        synchronized (known) {
            return known.size();
        }
    }

    /**
     * Asks the owner of a session.
     *
     * @return what it answers; fails with a {@link Refusal} when it refuses, when there is no such session ({@link CloseReason#EXPIRED}), and when that cannot be known now
     */
    Future<Heard> ask(String session, String secret, Buffer question, long millis) {
        Place place = find(session, secret);
        return place == null
                ? look(session).compose(found -> ask(found, session, secret, question, millis, false))
                : ask(place, session, secret, question, millis, true);
    }

    private Future<Heard> ask(
            Place place, String session, String secret, Buffer question, long millis, boolean remembered) {
        return peers.ask(place.node(), question, millis).transform(asked -> {
            if (asked.failed()) {
                forget(session, secret);
                return silent(asked.cause(), session, place);
            }
            RelayFrames.Answer answer;
            try {
                answer = RelayFrames.answer(asked.result());
            } catch (RuntimeException e) {
                LOG.warn("not understood node={} cause={}", place.node(), e.toString());
                return Future.failedFuture(Nodes.later());
            }
            if (!(answer instanceof RelayFrames.Refused refused)) {
                remember(session, secret, new Place(place.node(), place.fence(), false));
                return Future.succeededFuture(new Heard(place.node(), answer));
            }
            if (refused.why().reason() != CloseReason.EXPIRED) {
                return Future.failedFuture(refused.why());
            }
            forget(session, secret);
            if (place.waits()) {
                // It has not taken it yet, and may be about to.
                return Future.failedFuture(Nodes.later());
            }
            return refused.why().code() == ErrorCode.UNKNOWN
                    ? again(place, session, secret, question, millis, refused.why())
                    : Future.failedFuture(refused.why());
        });
    }

    /** It is not where it was thought to be: it may have gone on meanwhile. */
    private Future<Heard> again(
            Place before, String session, String secret, Buffer question, long millis, Refusal unknown) {
        return look(session)
                .compose(place -> place.equals(before)
                        ? Future.failedFuture(unknown.retryAfter() > 0 ? Nodes.later() : unknown)
                        : ask(place, session, secret, question, millis, false));
    }

    private Future<Place> look(String session) {
        int dot = session.indexOf('.');
        String named = dot < 0 ? "" : session.substring(0, dot);
        if (!isNode(named)) {
            return Future.failedFuture(none(ErrorCode.UNKNOWN));
        }
        return ledger.find(session)
                .recover(cause -> {
                    LOG.debug("the ledger does not answer", cause);
                    return Future.failedFuture(Nodes.later());
                })
                .compose(entry -> {
                    if (entry == null) {
                        return at(named, 0, false, session);
                    }
                    ErrorCode over = entry.over();
                    if (over != null) {
                        return Future.failedFuture(none(over));
                    }
                    String owner = entry.owner();
                    if (entry.waits() && (owner == null || owner.equals(peers.self()))) {
                        return Future.failedFuture(WAITS);
                    }
                    // One that waits for another node is asked for there all the same: that node may be dead.
                    return owner == null
                            ? Future.failedFuture(Nodes.later())
                            : at(owner, entry.fence(), entry.waits(), session);
                });
    }

    private Future<Place> at(String node, long fence, boolean waits, String session) {
        if (!node.equals(peers.self())) {
            return Future.succeededFuture(new Place(node, fence, waits));
        }
        // Its own registry was asked first, but it may have come meanwhile, or be about to come or to go.
        Moves moves = engine.moves();
        boolean comes = engine.registry().get(session) != null || moves != null && moves.onItsWay(session);
        if (comes || moves == null) {
            return Future.failedFuture(Nodes.later());
        }
        Refusal nothing = moves.owned().nothing(session);
        return Future.failedFuture(nothing.retryAfter() > 0 ? Nodes.later() : nothing);
    }

    /** Nobody goes on with what a dead node had: it is fenced, and the client told (rule 38). */
    private <T> Future<T> silent(Throwable cause, String session, Place place) {
        if (!(cause instanceof ProtocolException told && told.code() == ErrorCode.LOST)) {
            LOG.info("not reached node={} cause={}", place.node(), String.valueOf(cause.getMessage()));
            return Future.failedFuture(Nodes.later());
        }
        return ledger.end(session, place.fence(), ErrorCode.LOST)
                .otherwise(false)
                .compose(done -> Future.failedFuture(done ? none(ErrorCode.LOST) : Nodes.later()));
    }

    /** Says that a session is not where it was asked for, but that there is one. */
    static Refusal gone() {
        return new Refusal(ErrorCode.UNKNOWN, CloseReason.EXPIRED, "The session went elsewhere.", 1_000, -1, null);
    }

    static Refusal none(ErrorCode why) {
        return new Refusal(why, CloseReason.EXPIRED, "There is no such session.");
    }
}
