package dev.polywire.session;

import dev.polywire.channel.Encoded;
import dev.polywire.channel.Faults;
import dev.polywire.channel.Subscription;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a client afresh what a channel's members and state are, after a gap in which they may have changed (R24). On the session's loop. */
final class Refreshing {
    private static final Logger LOG = LoggerFactory.getLogger(Refreshing.class);

    private final LiveSession session;
    private final Memberships memberships;
    private final Set<String> soon = new HashSet<>(2);

    Refreshing(LiveSession session, Memberships memberships) {
        this.session = session;
        this.memberships = memberships;
    }

    /** Does so soon; once for gaps in quick succession. */
    void refresh(String channel) {
        if (memberships.subscription(channel) == null || !soon.add(channel)) {
            return;
        }
        session.loop().execute(() -> {
            soon.remove(channel);
            Subscription subscription = memberships.subscription(channel);
            if (subscription == null || session.over()) {
                return;
            }
            refreshState(channel);
            session.engine().hub().again(subscription);
            if (subscription.options().presence()) {
                session.engine()
                        .hub()
                        .listed(channel, false)
                        .onSuccess(now -> session.loop()
                                .run(() -> tell(
                                        channel,
                                        new ServerFrame.PresenceList(
                                                null, channel, now.members(), now.count(), now.version()))));
            }
        });
    }

    private void refreshState(String channel) {
        Future<@Nullable Object> snapshot;
        try {
            snapshot = memberships.consent(channel);
        } catch (Throwable e) {
            Faults.contain(e);
            snapshot = Future.failedFuture(e);
        }
        snapshot.onFailure(cause -> session.loop().run(() -> withdrawn(channel, cause)));
        snapshot.onSuccess(state -> session.loop().run(() -> {
            if (state != null) {
                tell(
                        channel,
                        new ServerFrame.Subscribed(null, channel, null, null, true, null, -1, 0, Payload.of(state)));
            }
        }));
    }

    /** The application's consent is taken back; what only could not be had now (no answer in time, unavailable) leaves things as they are. */
    private void withdrawn(String channel, Throwable cause) {
        LOG.warn("snapshot failed session={} channel={}", session.id(), channel, cause);
        boolean passing = cause instanceof TimeoutException
                || cause instanceof ProtocolException refusal && refusal.code() != ErrorCode.FORBIDDEN;
        if (!passing && !session.over()) {
            memberships.deny(channel);
        }
    }

    /** Queues a frame of a channel under the channel's own policy: a session that is too slow is not cut for a refresh. */
    private void tell(String channel, ServerFrame frame) {
        Subscription subscription = memberships.subscription(channel);
        if (subscription != null) {
            session.deliver(subscription, new Encoded(frame, session.codec()));
        }
    }
}
