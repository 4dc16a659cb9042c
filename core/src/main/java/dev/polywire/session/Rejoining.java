package dev.polywire.session;

import dev.polywire.channel.ChannelHub;
import dev.polywire.channel.Comeback;
import dev.polywire.channel.Faults;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The channels that a session from another node is in for its client, until this node has joined them: what cannot be joined now is tried again for as long as the
 * session is here (R91). On the session's loop; the names may be read from anywhere.
 */
final class Rejoining {
    private static final Logger LOG = LoggerFactory.getLogger(Rejoining.class);
    private static final Payload ONLINE = Payload.of("online");

    /** How long to wait after the first failure, and at the most, milliseconds. */
    private static final long FIRST = 500;

    private static final long MOST = 5_000;

    /** What no other try would change: the broker or the presence store says that this is no channel of theirs, or none for this session. */
    private static final Set<ErrorCode> NEVER =
            EnumSet.of(ErrorCode.BAD_CHANNEL, ErrorCode.FORBIDDEN, ErrorCode.CHANNEL_LIMIT);

    private final LiveSession session;
    private final Consumer<ChannelHub.Joined> member;
    private final Comeback comeback;
    private final CatchingUp catchingUp;
    /** What is to be confirmed in these channels. */
    private final List<Frozen.Confirm> confirms;

    private final Map<String, Absent> waiting = new ConcurrentHashMap<>(4);
    private TimerWheel.@Nullable Timer timer;
    private long pause = FIRST;

    /** A channel that is not joined. */
    private static final class Absent {
        Frozen.Place place;
        boolean trying;

        /** Whether another node goes on with it. */
        boolean moved;

        /** Completes when its member has left, which is not before the try that is under way has ended. */
        @Nullable
        Promise<Void> leaving;

        Absent(Frozen.Place place) {
            this.place = place;
        }
    }

    /**
     * Creates it without channels.
     *
     * @param member given each that is joined, before what was missed is delivered
     */
    Rejoining(LiveSession session, List<Frozen.Confirm> confirms, Consumer<ChannelHub.Joined> member) {
        this.session = session;
        this.confirms = new ArrayList<>(confirms);
        this.member = member;
        this.comeback = new Comeback(session.engine().hub());
        this.catchingUp = new CatchingUp(session);
    }

    /** Begins; completes on the loop when each was tried once, and does not fail. */
    Future<Void> join(List<Frozen.Place> places) {
        places.forEach(place -> waiting.put(place.channel(), new Absent(place)));
        List<Future<Void>> all = new ArrayList<>(places.size());
        waiting.values().forEach(absent -> all.add(attempt(absent)));
        return Future.join(all).mapEmpty();
    }

    // ---- trying ----------------------------------------------------------------------------------------------------

    private Future<Void> attempt(Absent absent) {
        absent.trying = true;
        String channel = absent.place.channel();
        if (!session.engine().isChannel(channel)) {
            tried(
                    absent,
                    Future.failedFuture(new ProtocolException(ErrorCode.BAD_CHANNEL, "This is no channel name here.")));
            return Future.succeededFuture();
        }
        // Presence has its member already, under the same session: joining again announces nothing and keeps its state
        // (rule 34).
        return comeback.join(session, channel, absent.place.position(), self(), () -> still(absent))
                .transform(joined -> {
                    tried(absent, joined);
                    return Future.succeededFuture();
                });
    }

    private ServerFrame.Member self() {
        return new ServerFrame.Member(
                session.id(), session.principal().id(), ONLINE, session.engine().wallClock());
    }

    private boolean isWanted(Absent absent) {
        return !session.over() && waiting.get(absent.place.channel()) == absent;
    }

    private Future<@Nullable Object> still(Absent absent) {
        return isWanted(absent) ? Future.succeededFuture() : Future.failedFuture("nobody waits for it");
    }

    private void tried(Absent absent, AsyncResult<ChannelHub.Joined> result) {
        absent.trying = false;
        ChannelHub.Joined joined = result.result();
        if (!isWanted(absent)) {
            over(absent, joined);
        } else if (joined != null) {
            joined(absent, joined);
        } else if (isNever(result.cause())) {
            LOG.warn("rejoin_refused session={} channel={}", session.id(), absent.place.channel(), result.cause());
            session.memberships().leave(null, absent.place.channel(), "lost", 0);
        } else {
            LOG.warn(
                    "rejoin_failed session={} channel={} cause={}",
                    session.id(),
                    absent.place.channel(),
                    String.valueOf(result.cause()));
            later();
        }
    }

    private static boolean isNever(Throwable cause) {
        return cause instanceof ProtocolException refusal && NEVER.contains(refusal.code());
    }

    private void joined(Absent absent, ChannelHub.Joined joined) {
        String channel = absent.place.channel();
        List<Frozen.Confirm> its = new ArrayList<>(0);
        confirms.removeIf(open -> channel.equals(open.message().channel()) && its.add(open));
        // In this order: whoever reads the names elsewhere must not miss it.
        member.accept(joined);
        waiting.remove(channel);
        catchingUp.goOn(absent.place, joined, its);
    }

    /** The session has left the channel, or gone, while it was being joined. */
    private void over(Absent absent, ChannelHub.@Nullable Joined joined) {
        Promise<Void> promise = absent.leaving;
        if (joined != null) {
            if (absent.moved) {
                joined.subscription().staysPresent();
            }
            Future<Void> left = session.engine().hub().unsubscribe(joined.subscription());
            if (promise != null) {
                left.otherwiseEmpty().onComplete(promise);
            }
        } else if (promise != null) {
            leave(absent).onComplete(promise);
        }
    }

    private void later() {
        if (timer == null) {
            // Those who came from one node at one moment need not all try again at one moment.
            timer = session.loop().after(pause - ThreadLocalRandom.current().nextLong(pause / 4), this::again);
            pause = Math.min(MOST, 2 * pause);
        }
    }

    private void again() {
        timer = null;
        for (Absent absent : List.copyOf(waiting.values())) {
            again(absent);
        }
    }

    private void again(Absent absent) {
        if (!isWanted(absent) || absent.trying) {
            return;
        }
        if (absent.place.position() != null && session.memberships().full()) {
            later();
        } else {
            attempt(absent);
        }
    }

    /** Tries one again at once, because its client asks for it. */
    void hurry(String channel) {
        Absent absent = waiting.get(channel);
        if (absent != null) {
            again(absent);
        }
    }

    // ---- what is not joined ----------------------------------------------------------------------------------------

    Set<String> names() {
        return waiting.keySet();
    }

    /** Returns where the session is in a channel; null when it is not one of these. */
    Frozen.@Nullable Place place(String channel) {
        Absent absent = waiting.get(channel);
        return absent == null ? null : absent.place;
    }

    List<Frozen.Place> places() {
        return waiting.values().stream().map(absent -> absent.place).toList();
    }

    List<Frozen.Confirm> confirms() {
        return confirms;
    }

    /** The client's application has confirmed. */
    void confirmed(String confirm) {
        confirms.removeIf(open -> confirm.equals(open.message().confirm()));
    }

    /** The client was told of a gap: what it knows of members and values may be old, and is told again when the channel is joined. */
    void outdated(String channel) {
        Absent absent = waiting.get(channel);
        if (absent != null) {
            absent.place = new Frozen.Place(channel, absent.place.position(), CatchingUp.OUTDATED);
        }
    }

    // ---- the end ---------------------------------------------------------------------------------------------------

    /** Leaves one, and presence; null when it is not one of these. The future does not fail. */
    @Nullable
    Future<Void> leave(String channel) {
        Absent absent = waiting.remove(channel);
        if (absent == null) {
            return null;
        }
        confirms.removeIf(open -> channel.equals(open.message().channel()));
        if (waiting.isEmpty()) {
            stop();
        }
        if (!absent.trying) {
            return leave(absent);
        }
        Promise<Void> promise = Promise.promise();
        absent.leaving = promise;
        return promise.future();
    }

    private Future<Void> leave(Absent absent) {
        return comeback.leave(absent.place.channel(), self()).otherwiseEmpty();
    }

    /** Tells the application of what nobody has confirmed, because the session ends. */
    void unconfirmed() {
        for (Frozen.Confirm open : List.copyOf(confirms)) {
            String channel = String.valueOf(open.message().channel());
            try {
                session.engine()
                        .hub()
                        .handlerOf(channel)
                        .onUnconfirmed(
                                session, channel, String.valueOf(open.message().confirm()));
            } catch (Throwable e) {
                Faults.contain(e);
                LOG.warn("onUnconfirmed failed channel={}", channel, e);
            }
        }
        confirms.clear();
    }

    /** Lets go of all, because another node has them. */
    void handOver() {
        waiting.values().forEach(absent -> absent.moved = true);
        waiting.clear();
        stop();
    }

    private void stop() {
        TimerWheel.Timer set = timer;
        timer = null;
        if (set != null) {
            set.cancel();
        }
    }
}
