package dev.polywire.channel;

import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/**
 * The newest message of each key of a channel: what a subscriber begins with where newer messages replace older ones (rule 17).
 *
 * @param frames in the order of their offsets; none when they do not fit
 * @param top the channel's top when they were read
 * @param fits whether they are small enough for an outbox that is to hold other things, too
 * @param whole whether they are all that there ever was in this epoch, but for older values of the same keys
 */
record Newest(List<Encoded> frames, Position top, boolean fits, boolean whole) {
    /** What a frame takes at the least. */
    private static final int LEAST = 96;

    /** Reads them on the subscriber's loop. */
    static Future<Newest> read(ChannelHub hub, Subscription subscription, Position at, int bound) {
        LocalChannel local = subscription.local;
        // From before the first offset: then "complete" says whether any key was ever dropped.
        Position start = new Position(at.epoch(), 0);
        int limit = Math.max(1, bound / LEAST);
        return Steps.on(
                        subscription.subscriber().loop(),
                        hub.broker().read(local.name, local.keep, start, limit, false))
                .map(slice -> of(local, slice, bound));
    }

    private static Newest of(LocalChannel local, Broker.Slice slice, int bound) {
        List<Encoded> frames = new ArrayList<>(slice.messages().size());
        long bytes = 0;
        for (ServerFrame.Message message : slice.messages()) {
            Encoded frame = local.encode(message);
            bytes += frame.size();
            frames.add(frame);
        }
        boolean fits = !slice.more() && bytes <= bound;
        return new Newest(fits ? frames : List.of(), slice.top(), fits, fits && slice.complete());
    }
}
