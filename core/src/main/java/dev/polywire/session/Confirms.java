package dev.polywire.session;

import dev.polywire.channel.Encoded;
import dev.polywire.channel.Faults;
import dev.polywire.channel.Subscription;
import dev.polywire.protocol.ServerFrame;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Messages that this client's application has not confirmed yet, and will be sent again (R37). */
final class Confirms {
    private static final Logger LOG = LoggerFactory.getLogger(Confirms.class);

    /** How often is looked whether a client that was away or behind has had a copy by now, milliseconds. */
    private static final long LOOK = 1_000;

    private final LiveSession session;
    private @Nullable Map<String, Open> open;

    private static final class Open {
        final Subscription subscription;
        final ServerFrame.Message message;
        int attempt = 1;

        /** The count of frames by which the client has had the latest copy, or what was told in its place. */
        long by;

        /** Whether the client was away, or behind, when the time for a confirmation was over. */
        boolean late;

        TimerWheel.@Nullable Timer timer;

        Open(Subscription subscription, ServerFrame.Message message) {
            this.subscription = subscription;
            this.message = message;
        }
    }

    Confirms(LiveSession session) {
        this.session = session;
    }

    /** A message that asks for confirmation was queued. */
    void track(Subscription subscription, ServerFrame.Message message) {
        String confirm = message.confirm();
        if (confirm == null) {
            return;
        }
        if (open == null) {
            open = new LinkedHashMap<>();
        }
        if (open.containsKey(confirm)) {
            return;
        }
        if (open.size() >= session.engine().options().session().confirms()) {
            // Full: the oldest has had the most time, and its application is told.
            Open oldest = open.values().iterator().next();
            close(oldest);
            unconfirmed(oldest);
        }
        Open entry = new Open(subscription, message);
        entry.by = session.outbox().total();
        open.put(confirm, entry);
        arm(confirm, entry, timeout(entry));
    }

    private static long timeout(Open entry) {
        return entry.subscription.options().confirmTimeout().toMillis();
    }

    /** Tells whether the client has had the latest copy, so that its application could have confirmed it. */
    private boolean had(Open entry) {
        Outbox outbox = session.outbox();
        // The second: copies before it may have given way to a gap, so that fewer frames than were counted led to it.
        return session.connected() && (outbox.acked() >= entry.by || outbox.acked() == outbox.total());
    }

    private void arm(String confirm, Open entry, long millis) {
        entry.timer = session.loop().after(millis, () -> {
            if (open != null && open.get(confirm) == entry) {
                expired(confirm, entry);
            }
        });
    }

    /** Time is over; only what the client has had counts as an attempt. */
    private void expired(String confirm, Open entry) {
        long timeout = timeout(entry);
        if (!had(entry)) {
            entry.late = true;
            arm(confirm, entry, Math.min(timeout, LOOK));
        } else if (entry.late) {
            entry.late = false;
            arm(confirm, entry, timeout);
        } else if (entry.attempt >= entry.subscription.options().confirmAttempts()) {
            close(entry);
            unconfirmed(entry);
        } else {
            again(confirm, entry);
        }
    }

    private void again(String confirm, Open entry) {
        entry.attempt++;
        ServerFrame.Message m = entry.message;
        ServerFrame.Message copy = new ServerFrame.Message(
                m.channel(),
                m.event(),
                m.payload(),
                m.timestamp(),
                m.offset(),
                m.user(),
                m.key(),
                m.sentAt(),
                m.traceId(),
                m.confirm(),
                entry.attempt);
        // Under the channel's policy, as the first one: a client that is too slow for it need not be cut off for a
        // copy.
        session.deliver(entry.subscription, new Encoded(copy, session.codec()));
        entry.by = session.outbox().total();
        if (!session.over()) {
            arm(confirm, entry, timeout(entry));
        }
    }

    /** The client's application has confirmed. */
    void confirmed(String confirm) {
        Open entry = open == null ? null : open.remove(confirm);
        if (entry == null) {
            session.memberships().confirmed(confirm);
        } else if (entry.timer != null) {
            entry.timer.cancel();
        }
    }

    /** The session left a channel: nothing of it is delivered again. */
    void left(String channel) {
        if (open != null) {
            open.values().removeIf(entry -> {
                if (!entry.subscription.channel().equals(channel)) {
                    return false;
                }
                if (entry.timer != null) {
                    entry.timer.cancel();
                }
                return true;
            });
        }
    }

    private void close(Open entry) {
        if (open != null) {
            open.values().remove(entry);
        }
        if (entry.timer != null) {
            entry.timer.cancel();
        }
    }

    private void unconfirmed(Open entry) {
        String channel = entry.subscription.channel();
        try {
            session.engine()
                    .hub()
                    .handlerOf(channel)
                    .onUnconfirmed(session, channel, String.valueOf(entry.message.confirm()));
        } catch (Throwable e) {
            Faults.contain(e);
            LOG.warn("onUnconfirmed failed channel={}", channel, e);
        }
    }

    /** Returns what is open, and times nothing any more. */
    List<Frozen.Confirm> freeze() {
        List<Frozen.Confirm> frozen = new ArrayList<>();
        if (open != null) {
            for (Open entry : open.values()) {
                if (entry.timer != null) {
                    entry.timer.cancel();
                }
                frozen.add(new Frozen.Confirm(entry.message, entry.attempt, entry.by, entry.late));
            }
            open.clear();
        }
        return frozen;
    }

    /** Goes on waiting for a confirmation that another node waited for. */
    void thaw(Subscription subscription, Frozen.Confirm frozen) {
        String confirm = frozen.message().confirm();
        if (confirm == null) {
            return;
        }
        if (open == null) {
            open = new LinkedHashMap<>();
        }
        Open entry = new Open(subscription, frozen.message());
        entry.attempt = frozen.attempt();
        entry.by = frozen.by();
        entry.late = frozen.late();
        open.put(confirm, entry);
        arm(confirm, entry, timeout(entry));
    }

    void end() {
        if (open != null) {
            for (Open entry : open.values()) {
                if (entry.timer != null) {
                    entry.timer.cancel();
                }
                unconfirmed(entry);
            }
            open.clear();
        }
    }
}
