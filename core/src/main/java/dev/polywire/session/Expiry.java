package dev.polywire.session;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ServerFrame;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a session's credentials: its client is asked for new ones ahead of time, and if none have come by then, its wire is
 * taken away. The session itself waits for its grace, in which its client may come again with new ones. On the session's loop.
 */
final class Expiry {
    private static final Logger LOG = LoggerFactory.getLogger(Expiry.class);

    /** What holds longer is looked at again after so long, milliseconds. */
    private static final long FAR = Duration.ofDays(365).toMillis();

    private final KnownSession session;
    private final Instant until;
    /** How long before the end the client is asked, milliseconds; 0 for never. */
    private final long notice;
    /** On the loop's clock, which nobody sets back; when to look again, as long as the end is {@link #far}. */
    private long end;

    private boolean far;
    private long warning;
    private boolean warned;
    private TimerWheel.Timer timer;

    private Expiry(KnownSession session, Instant until, long notice) {
        this.session = session;
        this.until = until;
        this.notice = notice;
        this.timer = watch();
    }

    private TimerWheel.Timer watch() {
        long now = session.loop().now();
        long left = left(until);
        far = left == FAR;
        end = now + left;
        warning = far ? end : end - Math.min(notice, left / 2);
        warned = !far && notice == 0;
        return session.loop().after((warned ? end : warning) - now, this::due);
    }

    /**
     * Watches for the end of a session's credentials from now on, instead of the end of those before; null when they have none. When
     * both end at the same time, the one before goes on, so that the client is asked once.
     */
    static @Nullable Expiry of(KnownSession session, @Nullable Expiry before, Duration warning) {
        Instant until = session.principal().expiresAt();
        if (before != null) {
            if (before.until.equals(until) && !before.over()) {
                return before;
            }
            before.cancel();
        }
        return until == null ? null : new Expiry(session, until, warning.toMillis());
    }

    /** Returns how long it is until then, in milliseconds; never less than 0, and no more than a timer is good for. */
    static long left(Instant until) {
        Instant now = Instant.now();
        if (until.isAfter(now.plusMillis(FAR))) {
            return FAR;
        }
        return Math.max(0, Duration.between(now, until).toMillis());
    }

    private void due() {
        long now = session.loop().now();
        if (far) {
            timer = watch();
        } else if (now < end) {
            warn();
            timer = session.loop().after(end - now, this::due);
        } else {
            LOG.info("credentials_expired session={} user={}", session.id(), Logged.user(session.principal()));
            session.dropWire(CloseReason.UNAUTHENTICATED);
        }
    }

    /** A wire was attached: who was away when it would have been asked is asked now. */
    void attached() {
        if (!far && !warned && session.loop().now() >= warning) {
            warn();
        }
    }

    private void warn() {
        long left = end - session.loop().now();
        if (!warned && left > 0 && session.connected()) {
            warned = true;
            session.enqueue(new ServerFrame.Refresh(left));
        }
    }

    /** Tells whether the client was asked. */
    boolean warned() {
        return warned;
    }

    /** The client was asked at another node, and is not asked again (R75). */
    void asked() {
        warned = true;
    }

    /** Tells whether the credentials have ended, by either clock. */
    boolean over() {
        return (!far && session.loop().now() >= end) || !Instant.now().isBefore(until);
    }

    void cancel() {
        timer.cancel();
    }
}
