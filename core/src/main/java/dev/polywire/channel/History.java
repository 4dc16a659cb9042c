package dev.polywire.channel;

import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.spi.Broker;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@link MemoryBroker} keeps of one channel. Every method is called with this object's monitor held. */
final class History {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** The channel's name: one string for all who note it. */
    final String name;

    /** The name of this run of offsets: random, so that a channel that was forgotten cannot come back under its old name. */
    private final String epoch = newEpoch();

    /** What is kept, oldest first. Made with the first message, as it asks to be kept. */
    private @Nullable Kept kept;

    private long offset;

    /** The highest offset of a message that is gone and was not replaced by a newer one of its key. */
    private long gone;

    private long lastAge;
    private long lastUse;

    /** What of its bytes the broker has counted. */
    long counted;

    /** Whether this node's listener hears the channel. */
    boolean subscribed;

    /** Whether it has left the broker's map; whoever finds it set looks the channel up again. */
    boolean dead;

    History(String name) {
        this.name = name;
    }

    private static String newEpoch() {
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    Position top() {
        return new Position(epoch, offset);
    }

    /** Gives the message the next offset and keeps it. */
    Message append(Message message, Broker.Keep keep, long now) {
        use(keep, now);
        trim(now);
        Message stored = withOffset(message, ++offset);
        Kept to = kept;
        if (to == null) {
            to = keep.newest() ? new Kept.Newest() : new Kept.All();
            kept = to;
        }
        to.add(new Kept.Entry(stored, now + keep.age().toMillis()));
        while (to.size() > keep.size() || to.bytes() > keep.bytes()) {
            drop(to);
        }
        return stored;
    }

    private void drop(Kept from) {
        gone = Math.max(gone, from.removeOldest().message().offset());
    }

    /** Drops all that is kept; whoever comes with a position before the top is told that something is missing. */
    void clear() {
        for (Kept from = kept; from != null && from.size() > 0; ) {
            drop(from);
        }
    }

    /** Returns what is kept, in bytes. */
    long bytes() {
        return kept == null ? 0 : kept.bytes();
    }

    /** Notes that somebody holds, or may now hold, a position in this epoch. */
    void use(Broker.Keep keep, long now) {
        lastUse = now;
        lastAge = Math.max(lastAge, keep.age().toMillis());
    }

    /** Drops what is too old, from the oldest on: what remains has no holes but those that newer messages of a key left. */
    void trim(long now) {
        Kept from = kept;
        if (from == null) {
            return;
        }
        for (Kept.Entry head = from.oldest(); head != null && head.expires() <= now; head = from.oldest()) {
            drop(from);
        }
    }

    /**
     * Tells whether nobody can miss this channel: it is empty, and so is every position that was handed out, because the history
     * after it would have aged.
     */
    boolean forgettable(long now) {
        trim(now);
        return !subscribed && size() == 0 && now - lastUse >= lastAge;
    }

    long lastUse() {
        return lastUse;
    }

    private int size() {
        return kept == null ? 0 : kept.size();
    }

    Broker.Slice read(@Nullable Position since, int limit, boolean reverse, long now) {
        trim(now);
        Kept from = kept;
        boolean complete = since == null || reaches(since, reverse);
        List<Message> messages = new ArrayList<>(Math.min(limit, size()));
        // What does not connect is given in full: the reader is told so, and begins anew with all there is.
        Position after = complete ? since : null;
        boolean more = false;
        if (from != null) {
            for (Iterator<Kept.Entry> it = from.iterator(reverse); it.hasNext(); ) {
                Message message = it.next().message();
                if (after != null
                        && (reverse ? message.offset() >= after.offset() : message.offset() <= after.offset())) {
                    continue;
                }
                if (messages.size() >= limit) {
                    more = true;
                    break;
                }
                messages.add(message);
            }
        }
        return new Broker.Slice(List.copyOf(messages), top(), complete, more);
    }

    /** Tells whether reading from a position begins right there. */
    private boolean reaches(Position since, boolean reverse) {
        if (!since.epoch().equals(epoch) || since.offset() > offset) {
            return false;
        }
        return reverse ? since.offset() <= 1 || gone + 1 < since.offset() : since.offset() >= gone;
    }

    static Message withOffset(Message m, long offset) {
        if (m.offset() == offset) {
            return m;
        }
        return new Message(
                m.channel(),
                m.event(),
                m.payload(),
                m.timestamp(),
                offset,
                m.user(),
                m.key(),
                m.sentAt(),
                m.traceId(),
                m.confirm(),
                m.attempt());
    }
}
