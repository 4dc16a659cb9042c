package dev.polywire.cluster.redis;

import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame.GapReason;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Broker.Keep;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One channel that this node is subscribed to, and where it is in it (rule 30): the next message is handed on, an earlier one is dropped, and before
 * a later one what is missing is read. On the context of the commands.
 */
final class Place implements Listening.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Place.class);

    /** How many messages one read brings, and how many arrivals wait for it. */
    private static final int CHUNK = 256;

    private record Arrived(String epoch, Parcel parcel) {}

    private final String channel;
    private final Keep keep;
    private final Keys keys;
    private final Broker.Listener listener;
    private final Deque<Arrived> held = new ArrayDeque<>();
    private String epoch = "";
    private long last;
    private boolean open;
    private boolean busy = true;
    private boolean overflown;
    private boolean closed;
    private boolean stale;
    private boolean active;

    Place(String channel, Keep keep, Keys keys, Broker.Listener listener) {
        this.channel = channel;
        this.keep = keep;
        this.keys = keys;
        this.listener = listener;
    }

    /** Finds out where the channel is, once the subscription is confirmed; what arrived meanwhile follows. */
    Future<@Nullable Position> open() {
        if (keep.size() == 0) {
            open = true;
            busy = false;
            release();
            return Future.succeededFuture(null);
        }
        return keys.read(channel, keep, null, 0, false).map(found -> {
            epoch = found.epoch();
            last = found.top();
            open = true;
            busy = false;
            return new Position(epoch, last);
        });
    }

    /** Lets what was held follow; after whoever waited for the position has got it. */
    void opened() {
        if (!busy) {
            release();
        }
    }

    void close() {
        closed = true;
        held.clear();
    }

    boolean closed() {
        return closed;
    }

    /** Hands a message on that Redis could not take (rule 33). */
    void local(Parcel parcel) {
        if (open && !closed) {
            listener.message(channel, parcel.message(), parcel.except());
        }
    }

    @Override
    public void message(Buffer bytes) {
        int end = 0;
        while (end < bytes.length() && end < 100 && bytes.getByte(end) != '\n') {
            end++;
        }
        String[] stamp =
                bytes.getString(0, end, StandardCharsets.US_ASCII.name()).split(" ", 2);
        try {
            long offset = Long.parseLong(stamp[1]);
            arrived(new Arrived(stamp[0], Parcel.decode(channel, bytes, end + 1, offset)));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            LOG.warn("Something that is no message came over a channel's topic.");
        }
    }

    private void arrived(Arrived arrival) {
        active = true;
        if (closed) {
            return;
        }
        if (busy) {
            if (held.size() < CHUNK) {
                held.add(arrival);
            } else {
                overflown = true;
            }
            return;
        }
        long offset = arrival.parcel().message().offset();
        if (offset == 0 || keep.size() == 0) {
            hand(arrival.parcel());
        } else if (!arrival.epoch().equals(epoch) || offset > last + 1) {
            held.add(arrival);
            refill();
        } else if (offset == last + 1) {
            last = offset;
            hand(arrival.parcel());
        }
    }

    private void hand(Parcel parcel) {
        listener.message(channel, parcel.message(), parcel.except());
    }

    private void release() {
        while (!busy && !closed) {
            Arrived arrival = held.poll();
            if (arrival == null) {
                break;
            }
            boolean other = keep.size() > 0
                    && arrival.parcel().message().offset() > 0
                    && !arrival.epoch().equals(epoch);
            if (other) {
                // It waited for a read that has found another epoch: a leftover of the one before, or that read is old
                // already.
                overflown = true;
            } else {
                arrived(arrival);
            }
        }
        if (overflown && !busy && !closed) {
            overflown = false;
            if (keep.size() > 0) {
                refill();
            } else {
                listener.gap(channel, GapReason.UNKNOWN, null);
            }
        }
    }

    /** Reads what is missing, if anything, and hands it on. */
    private Future<Void> refill() {
        busy = true;
        return keys.read(channel, keep, new Position(epoch, last), CHUNK, false).transform(result -> {
            busy = false;
            if (closed) {
                return Future.succeededFuture();
            }
            if (result.failed()) {
                // Looked at again when the subscription is restored, with the next message, and when quiet channels are
                // checked.
                stale = true;
                held.removeIf(arrival -> arrival.parcel().message().offset() > 0);
                release();
                return Future.succeededFuture();
            }
            stale = false;
            take(result.result());
            if (result.result().more()) {
                return refill();
            }
            release();
            return Future.succeededFuture();
        });
    }

    private void take(Keys.Found found) {
        if (!found.epoch().equals(epoch)) {
            epoch = found.epoch();
            last = found.from();
            listener.gap(channel, GapReason.EPOCH, found.position(last));
        } else if (!found.complete()) {
            last = found.from();
            listener.gap(channel, GapReason.TRIMMED, found.position(last));
        }
        for (Parcel parcel : found.parcels()) {
            long offset = parcel.message().offset();
            if (offset > last) {
                last = offset;
                hand(parcel);
            }
        }
        if (!found.more()) {
            last = Math.max(last, found.top());
        }
    }

    @Override
    public void restored() {
        if (!open || closed) {
            return;
        }
        if (keep.size() == 0) {
            listener.gap(channel, GapReason.UNKNOWN, null);
        } else if (busy) {
            overflown = true;
        } else {
            refill();
        }
    }

    /** Compares a channel that was quiet with Redis. */
    Future<Void> check() {
        boolean quiet = !active || stale;
        active = false;
        return open && !closed && !busy && quiet && keep.size() > 0 ? refill() : Future.succeededFuture();
    }
}
