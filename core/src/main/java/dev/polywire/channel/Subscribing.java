package dev.polywire.channel;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one subscribe, on the subscriber's loop.
 *
 * <p>Frames are held from before the application is asked, not only from the read of history on: its snapshot is made at some
 * moment in between, and a message that is neither in the snapshot nor delivered would be lost in silence.
 */
final class Subscribing {
    private final ChannelHub hub;
    private final Subscription subscription;
    private final LocalChannel local;
    private final Loop loop;
    private final @Nullable Position since;
    private final ServerFrame.@Nullable Member member;
    private final int bound;

    private boolean joined;
    private boolean stays;
    private @Nullable Payload snapshot;
    private PresenceStore.@Nullable Snapshot presence;
    private @Nullable Position position;
    private @Nullable Boolean recovered;
    private List<Encoded> missed = List.of();

    Subscribing(
            ChannelHub hub,
            Subscription subscription,
            @Nullable Position since,
            ServerFrame.@Nullable Member member,
            int bound) {
        this.hub = hub;
        this.subscription = subscription;
        this.local = subscription.local;
        this.loop = subscription.subscriber().loop();
        this.since = since;
        this.member = member;
        this.bound = bound;
    }

    /** Has its member stay present when this fails: it was there before. */
    Subscribing stays() {
        stays = true;
        return this;
    }

    /** Runs all steps after the channel's link was acquired; undoes everything, that too, when one fails. */
    Future<ChannelHub.Joined> run(Future<Void> confirmed, Supplier<Future<@Nullable Object>> admit) {
        Future<@Nullable Object> admitted = Steps.then(Steps.on(loop, confirmed), v -> {
            local.join(subscription);
            joined = true;
            return Steps.on(loop, Steps.call(admit));
        });
        Future<Void> present = Steps.then(admitted, given -> {
            snapshot = given == null ? null : Payload.of(given);
            return joinPresence();
        });
        Future<ChannelHub.Joined> all = Steps.then(Steps.then(present, v -> catchUp()), v -> {
            local.arrive(subscription);
            return Future.succeededFuture(
                    new ChannelHub.Joined(subscription, position, recovered, missed, presence, snapshot));
        });
        return all.succeeded()
                ? all
                : all.recover(cause -> {
                    if (stays) {
                        subscription.staysPresent();
                    }
                    return hub.leave(subscription, joined).transform(done -> Future.failedFuture(cause));
                });
    }

    private Future<Void> joinPresence() {
        ServerFrame.Member who = member;
        if (who == null || !local.options.presence()) {
            return Future.succeededFuture();
        }
        // Before the call: one that failed may have been carried out all the same.
        subscription.member = true;
        return Steps.on(loop, hub.presence().join(local.name, who, hub.listBytes()))
                .map(members -> {
                    presence = members;
                    subscription.know(members.version());
                    return null;
                });
    }

    private Future<Void> catchUp() {
        Position top = subscription.position();
        position = top;
        Position from = since;
        if (from != null) {
            recovered = false;
        }
        if (top != null && local.keep.newest()) {
            return Newest.read(hub, subscription, top, bound).map(newest -> {
                begin(from, top, newest);
                return null;
            });
        }
        if (top == null || from == null) {
            return Future.succeededFuture();
        }
        int limit = Math.max(1, bound / 96);
        return Steps.on(loop, hub.broker().read(local.name, local.keep, from, limit, false))
                .map(slice -> {
                    recover(from, top, slice);
                    return null;
                });
    }

    /**
     * Begins with the newest message of each key, whatever position the client has: where a newer message takes an older one's
     * slot, offsets do not tell what it has seen (rule 17).
     */
    private void begin(@Nullable Position from, Position top, Newest newest) {
        if (!newest.top().epoch().equals(top.epoch())) {
            // The epoch changed while we were joining. The gap that tells so is held, and the newest come after it.
            return;
        }
        position = newest.top();
        if (from != null) {
            recovered = newest.whole()
                    && from.epoch().equals(top.epoch())
                    && from.offset() <= newest.top().offset();
        }
        missed = newest.fits()
                ? newest.frames()
                : List.of(
                        local.encode(new ServerFrame.Gap(local.name, ServerFrame.GapReason.OVERFLOW, newest.top(), 0)));
        subscription.advance(newest.top().offset());
    }

    private void recover(Position from, Position top, Broker.Slice slice) {
        boolean sameEpoch = from.epoch().equals(slice.top().epoch());
        if (!slice.complete()
                || slice.more()
                || sameEpoch && from.offset() > slice.top().offset()
                // The epoch changed while we were joining: the gap that tells so is held, and goes with the position
                // before it.
                || !slice.top().epoch().equals(top.epoch())) {
            return;
        }
        List<ServerFrame.Message> messages = slice.messages();
        List<Encoded> found = new ArrayList<>(messages.size());
        long bytes = 0;
        for (ServerFrame.Message message : messages) {
            Encoded encoded = local.encode(message);
            bytes += encoded.size();
            if (bytes > bound) {
                // It would not fit into the outbox, the session would end, and the next one would begin with the same
                // position.
                return;
            }
            found.add(encoded);
        }
        long end = messages.isEmpty()
                ? slice.top().offset()
                : messages.get(messages.size() - 1).offset();
        // An old epoch's position that the broker could map goes on in the new epoch, which the client must learn.
        position = sameEpoch
                ? from
                : new Position(
                        top.epoch(), messages.isEmpty() ? end : messages.get(0).offset() - 1);
        recovered = true;
        missed = found;
        subscription.advance(end);
    }
}
