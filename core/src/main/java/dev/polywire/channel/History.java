package dev.polywire.channel;

import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.spi.Broker;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@link MemoryBroker} keeps of one channel. Every method is called with this object's monitor held. */
final class History {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** The name of this run of offsets: random, so that a channel that was forgotten cannot come back under its old name. */
    private final String epoch = newEpoch();

    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private long offset;
    private long lastAge;
    private long lastUse;

    /** Whether this node's listener hears the channel. */
    boolean subscribed;

    /** Whether it has left the broker's map; whoever finds it set looks the channel up again. */
    boolean dead;

    private record Entry(Message message, long expires) {}

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
        entries.addLast(new Entry(stored, now + keep.age().toMillis()));
        while (entries.size() > keep.size()) {
            entries.removeFirst();
        }
        return stored;
    }

    /** Notes that somebody holds, or may now hold, a position in this epoch. */
    void use(Broker.Keep keep, long now) {
        lastUse = now;
        lastAge = Math.max(lastAge, keep.age().toMillis());
    }

    /** Drops what is too old, from the oldest on: what remains has no holes. */
    void trim(long now) {
        for (Entry head = entries.peekFirst(); head != null && head.expires <= now; head = entries.peekFirst()) {
            entries.removeFirst();
        }
    }

    /**
     * Tells whether nobody can miss this channel: it is empty, and so is every position that was handed out, because the history
     * after it would have aged.
     */
    boolean forgettable(long now) {
        trim(now);
        return !subscribed && entries.isEmpty() && now - lastUse >= lastAge;
    }

    long lastUse() {
        return lastUse;
    }

    Broker.Slice read(@Nullable Position since, int limit, boolean reverse, long now) {
        trim(now);
        boolean complete = since == null || reaches(since, reverse);
        List<Message> messages = new ArrayList<>(Math.min(limit, entries.size()));
        // What does not connect is given in full: the reader is told so, and begins anew with all there is.
        Position from = complete ? since : null;
        boolean more = false;
        for (Iterator<Entry> it = reverse ? entries.descendingIterator() : entries.iterator(); it.hasNext(); ) {
            Message message = it.next().message;
            if (from != null && (reverse ? message.offset() >= from.offset() : message.offset() <= from.offset())) {
                continue;
            }
            if (messages.size() >= limit) {
                more = true;
                break;
            }
            messages.add(message);
        }
        return new Broker.Slice(List.copyOf(messages), top(), complete, more);
    }

    /** Tells whether reading from a position begins right there. */
    private boolean reaches(Position since, boolean reverse) {
        if (!since.epoch().equals(epoch) || since.offset() > offset) {
            return false;
        }
        Entry head = entries.peekFirst();
        long first = head == null ? offset + 1 : head.message.offset();
        return reverse ? since.offset() <= 1 || first < since.offset() : since.offset() >= first - 1;
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
