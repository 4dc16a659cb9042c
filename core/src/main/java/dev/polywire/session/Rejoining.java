package dev.polywire.session;

import dev.polywire.channel.ChannelHub;
import dev.polywire.channel.Encoded;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.protocol.ServerFrame.GapReason;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins the channels of a session that comes from another node. Its client has subscribed long ago, so it is told of nothing but
 * what it missed: the messages since its position, or a gap where that cannot be known.
 */
final class Rejoining {
    private static final Logger LOG = LoggerFactory.getLogger(Rejoining.class);
    private static final Payload ONLINE = Payload.of("online");

    private final LiveSession session;
    private final List<Frozen.Confirm> confirms;

    Rejoining(LiveSession session, List<Frozen.Confirm> confirms) {
        this.session = session;
        this.confirms = confirms;
    }

    /** Joins one; does not fail. */
    Future<Void> join(Frozen.Place place, Consumer<ChannelHub.Joined> member) {
        ChannelHub hub = session.engine().hub();
        // Presence has its member already, under the same session: joining again announces nothing and keeps its state
        // (rule 34).
        ServerFrame.Member self = new ServerFrame.Member(
                session.id(), session.principal().id(), ONLINE, session.engine().wallClock());
        return hub.subscribe(session, place.channel(), place.position(), self, Future::succeededFuture)
                .transform(joined -> {
                    if (joined.failed()) {
                        LOG.warn("rejoin_failed session={} channel={}", session.id(), place.channel(), joined.cause());
                        session.enqueue(new ServerFrame.Unsubscribed(null, place.channel(), "lost"));
                    } else if (session.over()) {
                        hub.unsubscribe(joined.result().subscription());
                    } else {
                        member.accept(joined.result());
                        goOn(place, joined.result());
                    }
                    return Future.succeededFuture();
                });
    }

    private void goOn(Frozen.Place place, ChannelHub.Joined joined) {
        for (Frozen.Confirm confirm : confirms) {
            if (place.channel().equals(confirm.message().channel())) {
                session.confirms().thaw(joined.subscription(), confirm);
            }
        }
        Position from = place.position();
        Position now = joined.position();
        // An old epoch's position that could be mapped goes on in the new one, which the client must learn.
        boolean known = from != null
                && now != null
                && now.epoch().equals(from.epoch())
                && Boolean.TRUE.equals(joined.recovered());
        if (!known) {
            tell(joined, new ServerFrame.Gap(place.channel(), reason(from, now), now, 0));
        }
        long had = known && from != null ? from.offset() : 0;
        for (Encoded missed : joined.missed()) {
            // The newest of each key are given whole; what the client has is none that it missed.
            if (!(missed.frame() instanceof ServerFrame.Message m) || m.offset() > had) {
                session.deliver(joined.subscription(), missed);
            }
        }
        PresenceStore.Snapshot members = joined.presence();
        if (members != null && members.version() != place.version()) {
            tell(
                    joined,
                    new ServerFrame.PresenceList(
                            null, place.channel(), members.members(), members.count(), members.version()));
        }
        session.engine().hub().open(joined.subscription());
    }

    /** Without history nobody knows whether something came between the two nodes. */
    private static GapReason reason(@Nullable Position from, @Nullable Position now) {
        if (from == null || now == null) {
            return GapReason.UNKNOWN;
        }
        return from.epoch().equals(now.epoch()) ? GapReason.TRIMMED : GapReason.EPOCH;
    }

    private void tell(ChannelHub.Joined joined, ServerFrame frame) {
        session.deliver(joined.subscription(), new Encoded(frame, session.codec()));
    }
}
