package dev.polywire.session;

import dev.polywire.channel.ChannelHub;
import dev.polywire.channel.Encoded;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.protocol.ServerFrame.GapReason;
import dev.polywire.spi.PresenceStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells a client that came from another node what it missed in a channel that is joined now: the messages since its position, or a gap where that cannot be known. */
final class CatchingUp {
    /** The version of presence in a place whose client has to be told all that there is to tell. */
    static final long OUTDATED = -1;

    private final LiveSession session;

    CatchingUp(LiveSession session) {
        this.session = session;
    }

    /** Delivers it, and lets live frames through. Its client has subscribed long ago, and is told of nothing else. */
    void goOn(Frozen.Place place, ChannelHub.Joined joined, List<Frozen.Confirm> confirms) {
        for (Frozen.Confirm confirm : confirms) {
            session.confirms().thaw(joined.subscription(), confirm);
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
        long had = known && from != null && place.version() != OUTDATED ? from.offset() : 0;
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
