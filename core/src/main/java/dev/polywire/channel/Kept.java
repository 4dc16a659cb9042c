package dev.polywire.channel;

import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.spi.Broker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The messages that a {@link History} keeps, oldest first. */
sealed interface Kept {

    /** A message, and when it is too old, in the broker's milliseconds. */
    record Entry(Message message, long expires) {
        /** Returns what it is charged. */
        int bytes() {
            return message.payload().bytes().length + Broker.Keep.OVERHEAD;
        }
    }

    void add(Entry entry);

    int size();

    /** Returns what all are charged together. */
    long bytes();

    /** Returns the oldest one, or null when there is none. */
    @Nullable
    Entry oldest();

    /** Removes the oldest one; there must be one. */
    Entry removeOldest();

    Iterator<Entry> iterator(boolean newestFirst);

    /** Every message. */
    final class All implements Kept {
        private final ArrayDeque<Entry> entries = new ArrayDeque<>();
        private long bytes;

        @Override
        public void add(Entry entry) {
            entries.addLast(entry);
            bytes += entry.bytes();
        }

        @Override
        public long bytes() {
            return bytes;
        }

        @Override
        public int size() {
            return entries.size();
        }

        @Override
        public @Nullable Entry oldest() {
            return entries.peekFirst();
        }

        @Override
        public Entry removeOldest() {
            Entry oldest = entries.removeFirst();
            bytes -= oldest.bytes();
            return oldest;
        }

        @Override
        public Iterator<Entry> iterator(boolean newestFirst) {
            return newestFirst ? entries.descendingIterator() : entries.iterator();
        }
    }

    /** The newest message of each key (rule 17). */
    final class Newest implements Kept {
        private final Map<String, Entry> entries = new LinkedHashMap<>();
        private long bytes;

        @Override
        public void add(Entry entry) {
            String key = entry.message().key() == null ? "" : entry.message().key();
            // Removed first: putting alone would leave the key at its old place in the order.
            Entry before = entries.remove(key);
            entries.put(key, entry);
            bytes += entry.bytes() - (before == null ? 0 : before.bytes());
        }

        @Override
        public long bytes() {
            return bytes;
        }

        @Override
        public int size() {
            return entries.size();
        }

        @Override
        public @Nullable Entry oldest() {
            return entries.isEmpty() ? null : entries.values().iterator().next();
        }

        @Override
        public Entry removeOldest() {
            Iterator<Entry> all = entries.values().iterator();
            Entry oldest = all.next();
            all.remove();
            bytes -= oldest.bytes();
            return oldest;
        }

        @Override
        public Iterator<Entry> iterator(boolean newestFirst) {
            if (!newestFirst) {
                return entries.values().iterator();
            }
            List<Entry> reversed = new ArrayList<>(entries.values());
            Collections.reverse(reversed);
            return reversed.iterator();
        }
    }
}
