package dev.polywire.channel;

import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.protocol.ServerFrame.GapReason;
import dev.polywire.spi.Broker;
import io.vertx.core.AsyncResult;

/** Lets a subscription go live: at once, or from history when too much had to be held back. On the subscriber's loop. */
final class Opening {
    /** Reads of history before a channel that runs faster than it can be read is told as a gap. */
    private static final int ATTEMPTS = 8;

    private static final int PAGE = 1_000;

    private final ChannelHub hub;
    private final Subscription subscription;
    private final LocalChannel local;
    private int attempts;

    Opening(ChannelHub hub, Subscription subscription) {
        this.hub = hub;
        this.subscription = subscription;
        this.local = subscription.local;
    }

    void run() {
        if (subscription.overflowed()) {
            refill();
        } else {
            subscription.release();
        }
    }

    private void refill() {
        Position from = subscription.position();
        if (from == null || attempts++ >= ATTEMPTS) {
            skip(from == null ? GapReason.UNKNOWN : GapReason.OVERFLOW);
            return;
        }
        // Before the read is issued: what comes later than the page is held, so the two overlap and leave no gap.
        subscription.holdAgain();
        Steps.on(subscription.subscriber().loop(), hub.broker().read(local.name, local.keep, from, PAGE, false))
                .onComplete(page -> refilled(from, page));
    }

    private void refilled(Position from, AsyncResult<Broker.Slice> page) {
        if (subscription.closed()) {
            return;
        }
        if (page.failed()) {
            Log.warn("History of channel " + local.name + " could not be read", page.cause());
            skip(GapReason.UNKNOWN);
            return;
        }
        Broker.Slice slice = page.result();
        if (!slice.top().epoch().equals(from.epoch())) {
            skip(GapReason.EPOCH);
            return;
        }
        if (!slice.complete()) {
            skip(GapReason.TRIMMED);
            return;
        }
        for (ServerFrame.Message message : slice.messages()) {
            subscription.pass(local.encode(message));
        }
        if (subscription.closed()) {
            return;
        }
        if (slice.more() || subscription.overflowed()) {
            refill();
            return;
        }
        subscription.release();
        hub.tellMembers(subscription);
    }

    /** Goes live from where the channel is now, and says so. */
    private void skip(GapReason reason) {
        Position known = subscription.position();
        subscription.holdAgain();
        local.goOn(subscription);
        Position top = subscription.position();
        if (known != null && top != null && known.epoch().equals(top.epoch()) && known.offset() > top.offset()) {
            // History has led further than what this node has heard so far; going back would repeat.
            subscription.advance(known.offset());
        }
        subscription.release();
        subscription
                .subscriber()
                .deliver(
                        subscription,
                        local.encode(new ServerFrame.Gap(local.name, reason, subscription.position(), 0)));
        hub.tellMembers(subscription);
    }
}
