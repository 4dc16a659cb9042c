package dev.polywire.session;

import dev.polywire.Authorizer.Action;
import dev.polywire.Principal;
import dev.polywire.channel.ChannelHub;
import dev.polywire.channel.Encoded;
import dev.polywire.channel.Faults;
import dev.polywire.channel.Subscription;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The channels that one session is in. Written on its loop; the names may be read from anywhere. */
final class Memberships {
    private static final Logger LOG = LoggerFactory.getLogger(Memberships.class);

    /** How long the application may take to consent to a subscription, in seconds. */
    private static final long PATIENCE = 10;

    /** When to ask again for what does not fit into the outbox now, milliseconds. */
    private static final int ROOM = 500;

    private static final Payload ONLINE = Payload.of("online");

    private final LiveSession session;
    private final Map<String, Member> members = new ConcurrentHashMap<>(4);
    private @Nullable Set<String> coming;
    /** Made when first needed. */
    private @Nullable Refreshing refreshing;

    /** What this node, where the session has come to, has not joined yet; null when it has no such channel. */
    private volatile @Nullable Rejoining rejoining;

    private record Member(
            Subscription subscription, @Nullable Position position) {}

    Memberships(LiveSession session) {
        this.session = session;
    }

    Set<String> names() {
        Rejoining others = rejoining;
        if (others == null) {
            return Set.copyOf(members.keySet());
        }
        Set<String> all = new HashSet<>(members.keySet());
        all.addAll(others.names());
        return Set.copyOf(all);
    }

    boolean in(String channel) {
        return members.containsKey(channel) || absent(channel) != null;
    }

    /** Returns where the session is in a channel that this node has not joined yet; null when it is not one of those. */
    private Frozen.@Nullable Place absent(String channel) {
        return rejoining == null ? null : rejoining.place(channel);
    }

    int size() {
        return members.size()
                + (coming == null ? 0 : coming.size())
                + (rejoining == null ? 0 : rejoining.names().size());
    }

    /** Returns the epoch of a channel, for a gap's position. */
    @Nullable
    String epoch(String channel) {
        Member member = members.get(channel);
        Frozen.Place absent = member == null ? absent(channel) : null;
        Position position = member != null ? member.position() : absent == null ? null : absent.position();
        return position == null ? null : position.epoch();
    }

    /** A gap has told where the channel goes on. */
    void moved(ServerFrame.Gap gap) {
        Position position = gap.position();
        if (position != null) {
            members.computeIfPresent(gap.channel(), (name, member) -> new Member(member.subscription(), position));
        }
    }

    /** Subscribes, tells the client, and lets live frames through; completes when done, and never fails. */
    Future<Void> join(String id, String channel, @Nullable Position since, long number) {
        Member present = members.get(channel);
        if (present != null) {
            return already(id, channel, present.position());
        }
        Frozen.Place absent = absent(channel);
        if (absent != null && rejoining != null) {
            Future<Void> told = already(id, channel, absent.position());
            rejoining.hurry(channel);
            return told;
        }
        if (since != null && full()) {
            session.refuse(
                    ErrorCode.UNAVAILABLE,
                    "Too much waits for this session to add what it missed here.",
                    id,
                    channel,
                    number,
                    ROOM);
            return Future.succeededFuture();
        }
        coming = with(coming, channel);
        Principal asker = session.principal();
        ChannelHub hub = session.engine().hub();
        ServerFrame.Member self = new ServerFrame.Member(
                session.id(), session.principal().id(), ONLINE, session.engine().wallClock());
        Future<ChannelHub.Joined> joining = hub.subscribe(session, channel, since, self, () -> consent(channel));
        if (joining.succeeded() && session.principal() == asker) {
            return joined(joining, id, channel, number);
        }
        return joining.compose(joined -> still(asker, channel, joined))
                .transform(joined -> joined(joined, id, channel, number));
    }

    /**
     * Tells whether so much waits for the client that what it missed in one more channel, which may be half of an outbox, could be too much. The
     * session would end, and the next one begin with the same positions, for ever.
     */
    boolean full() {
        return session.outbox().bytes() > session.engine().options().session().outbox() / 4;
    }

    private Future<Void> joined(AsyncResult<ChannelHub.Joined> joined, String id, String channel, long number) {
        coming = without(coming, channel);
        if (joined.failed()) {
            refuse(joined.cause(), id, channel, number);
        } else if (session.over()) {
            session.engine().hub().unsubscribe(joined.result().subscription());
        } else {
            begin(id, channel, joined.result());
        }
        return Future.succeededFuture();
    }

    /** Asks again when the session was resumed with other credentials while it was joining: they may allow less. */
    private Future<ChannelHub.Joined> still(Principal asker, String channel, ChannelHub.Joined joined) {
        Principal now = session.principal();
        if (now == asker) {
            return Future.succeededFuture(joined);
        }
        Promise<ChannelHub.Joined> promise = Promise.promise();
        session.engine()
                .access()
                .allowed(now, Action.SUBSCRIBE, channel)
                .onComplete(verdict -> session.loop().run(() -> {
                    if (Boolean.TRUE.equals(verdict.result())) {
                        still(now, channel, joined).onComplete(promise);
                    } else {
                        session.engine().hub().unsubscribe(joined.subscription());
                        promise.fail(new ProtocolException(ErrorCode.FORBIDDEN, "Not allowed."));
                    }
                }));
        return promise.future();
    }

    /** Most sessions have nothing in these sets most of the time, and then no set. */
    private static Set<String> with(@Nullable Set<String> set, String channel) {
        Set<String> now = set == null ? new HashSet<>(2) : set;
        now.add(channel);
        return now;
    }

    private static @Nullable Set<String> without(@Nullable Set<String> set, String channel) {
        if (set != null) {
            set.remove(channel);
        }
        return set == null || set.isEmpty() ? null : set;
    }

    /** Asks the application, which must not take forever: what is published meanwhile is held back for this session. */
    Future<@Nullable Object> consent(String channel) {
        Future<@Nullable Object> answer =
                session.engine().hub().handlerOf(channel).onSubscribe(session, channel);
        Future<@Nullable Object> bounded = answer.isComplete() ? answer : answer.timeout(PATIENCE, TimeUnit.SECONDS);
        if (bounded.succeeded() && bounded.result() == null) {
            return bounded;
        }
        // One that no outbox holds would end the session, and its successor's would do the same, for ever.
        return bounded.map(state -> state == null ? null : session.engine().sized(state));
    }

    private void begin(String id, String channel, ChannelHub.Joined joined) {
        PresenceStore.Snapshot presence = joined.presence();
        Position position = joined.position();
        // The channel's own name, which is there anyhow, not the one that was in the frame.
        members.put(joined.subscription().channel(), new Member(joined.subscription(), position));
        session.enqueue(new ServerFrame.Subscribed(
                id,
                channel,
                position,
                joined.recovered(),
                false,
                presence == null ? null : presence.members(),
                presence == null ? -1 : presence.count(),
                presence == null ? 0 : presence.version(),
                joined.snapshot()));
        for (Encoded missed : joined.missed()) {
            session.deliver(joined.subscription(), missed);
        }
        session.engine().hub().open(joined.subscription());
    }

    private Future<Void> already(String id, String channel, @Nullable Position position) {
        if (!session.engine().options().channelOptions(channel).presence()) {
            session.enqueue(new ServerFrame.Subscribed(id, channel, position, null, true, null, -1, 0, null));
            return Future.succeededFuture();
        }
        return session.engine().hub().listed(channel, false).transform(read -> {
            session.loop().run(() -> {
                PresenceStore.Snapshot now = read.succeeded() ? read.result() : null;
                session.enqueue(new ServerFrame.Subscribed(
                        id,
                        channel,
                        position,
                        null,
                        true,
                        now == null ? null : now.members(),
                        now == null ? -1 : now.count(),
                        now == null ? 0 : now.version(),
                        null));
            });
            return Future.succeededFuture();
        });
    }

    private void refuse(Throwable cause, String id, String channel, long number) {
        if (cause instanceof ProtocolException refusal) {
            session.refuse(refusal.code(), refusal.text(), id, channel, number, refusal.retryAfter());
        } else if (cause instanceof TimeoutException) {
            session.refuse(ErrorCode.TIMEOUT, "The application did not answer in time.", id, channel, number, 0);
        } else {
            LOG.warn("subscribe_refused session={} channel={}", session.id(), channel, cause);
            session.refuse(ErrorCode.FORBIDDEN, "Subscribing was refused.", id, channel, number, 0);
        }
    }

    /** Unsubscribes and tells the client; completes when presence is left too, and never fails. */
    Future<Void> leave(@Nullable String id, String channel, @Nullable String reason, long number) {
        Member member = members.remove(channel);
        Future<Void> left = member != null
                ? session.engine().hub().unsubscribe(member.subscription()).otherwiseEmpty()
                : rejoining == null ? null : rejoining.leave(channel);
        if (left == null) {
            session.refuse(ErrorCode.NOT_SUBSCRIBED, "The session is not in this channel.", id, channel, number, 0);
            return Future.succeededFuture();
        }
        session.confirms().left(channel);
        session.enqueue(new ServerFrame.Unsubscribed(id, channel, reason));
        gone(channel);
        return left;
    }

    private void gone(String channel) {
        try {
            session.engine().hub().handlerOf(channel).onUnsubscribe(session, channel);
        } catch (Throwable e) {
            Faults.contain(e);
            LOG.warn("onUnsubscribe failed channel={}", channel, e);
        }
    }

    /** Takes a channel away from a session that may no longer read it (R15, rule 11). */
    void deny(String channel) {
        session.outbox().deny(channel);
        if (in(channel)) {
            leave(null, channel, "denied", 0);
        }
    }

    /** After a gap members and state are sent afresh (R24). */
    void refresh(String channel) {
        Refreshing made = refreshing;
        if (made == null) {
            made = new Refreshing(session, this);
            refreshing = made;
        }
        made.refresh(channel);
        if (rejoining != null) {
            rejoining.outdated(channel);
        }
    }

    /** Returns the subscription of a channel; null when there is none. */
    @Nullable
    Subscription subscription(String channel) {
        Member member = members.get(channel);
        return member == null ? null : member.subscription();
    }

    /** Returns where it is in each channel. */
    List<Frozen.Place> places() {
        List<Frozen.Place> places = new ArrayList<>(members.size());
        members.values()
                .forEach(member -> places.add(new Frozen.Place(
                        member.subscription().channel(),
                        member.subscription().position(),
                        member.subscription().version())));
        if (rejoining != null) {
            places.addAll(rejoining.places());
        }
        return places;
    }

    /** Adds what is to be confirmed in channels that this node has not joined yet. */
    List<Frozen.Confirm> with(List<Frozen.Confirm> confirms) {
        if (rejoining == null || rejoining.confirms().isEmpty()) {
            return confirms;
        }
        List<Frozen.Confirm> all = new ArrayList<>(confirms);
        all.addAll(rejoining.confirms());
        return all;
    }

    /** The client's application has confirmed what it may have had from the node before. */
    void confirmed(String confirm) {
        if (rejoining != null) {
            rejoining.confirmed(confirm);
        }
    }

    /** Lets go of all channels because another node has them; presence is not left, and the application not told. */
    void handOver() {
        members.values().forEach(member -> {
            member.subscription().staysPresent();
            session.engine().hub().unsubscribe(member.subscription());
        });
        members.clear();
        if (rejoining != null) {
            rejoining.handOver();
        }
    }

    /** Joins the channels that it was in at another node, each from its own position; completes on the loop, when each was tried. */
    Future<Void> rejoin(List<Frozen.Place> places, List<Frozen.Confirm> confirms) {
        Rejoining made = new Rejoining(
                session,
                confirms,
                joined -> members.put(
                        joined.subscription().channel(), new Member(joined.subscription(), joined.position())));
        rejoining = made;
        return made.join(places).map(tried -> {
            if (made.names().isEmpty()) {
                rejoining = null;
            }
            return null;
        });
    }

    /** Leaves all channels because the session is over. */
    Future<?> end() {
        List<Future<Void>> leaving = new ArrayList<>();
        for (Map.Entry<String, Member> entry : members.entrySet()) {
            leaving.add(session.engine()
                    .hub()
                    .unsubscribe(entry.getValue().subscription())
                    .otherwiseEmpty());
            gone(entry.getKey());
        }
        members.clear();
        Rejoining others = rejoining;
        if (others != null) {
            others.unconfirmed();
            for (String channel : List.copyOf(others.names())) {
                Future<Void> left = others.leave(channel);
                if (left != null) {
                    leaving.add(left);
                    gone(channel);
                }
            }
        }
        return Future.join(leaving);
    }
}
