package dev.polywire.session;

import dev.polywire.channel.Faults;
import dev.polywire.channel.Subscription;
import dev.polywire.protocol.ServerFrame;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Messages that this client's application has not confirmed yet, and will be sent again (R37). */
final class Confirms {
    private static final Logger LOG = LoggerFactory.getLogger(Confirms.class);

    private final LiveSession session;
    private @Nullable Map<String, Open> open;

    private static final class Open {
        final Subscription subscription;
        final ServerFrame.Message message;
        int attempt = 1;
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
        open.put(confirm, entry);
        arm(confirm, entry);
    }

    private void arm(String confirm, Open entry) {
        entry.timer = session.loop()
                .after(entry.subscription.options().confirmTimeout().toMillis(), () -> {
                    if (open == null || open.get(confirm) != entry) {
                        return;
                    }
                    if (entry.attempt >= entry.subscription.options().confirmAttempts()) {
                        open.remove(confirm);
                        unconfirmed(entry);
                        return;
                    }
                    entry.attempt++;
                    ServerFrame.Message m = entry.message;
                    session.enqueue(new ServerFrame.Message(
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
                            entry.attempt));
                    arm(confirm, entry);
                });
    }

    /** The client's application has confirmed. */
    void confirmed(String confirm) {
        Open entry = open == null ? null : open.remove(confirm);
        if (entry != null && entry.timer != null) {
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
