package dev.polywire.session;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A queue whose elements can be read by index: what is replayed stays where it is. Empty ones take no array. */
final class Ring<T> {
    private static final @Nullable Object[] NONE = {};

    private @Nullable Object[] items = NONE;
    private int head;
    private int size;

    int size() {
        return size;
    }

    void add(T item) {
        if (size == items.length) {
            @Nullable Object[] larger = new Object[Math.max(8, size * 2)];
            for (int i = 0; i < size; i++) {
                larger[i] = items[(head + i) & (items.length - 1)];
            }
            items = larger;
            head = 0;
        }
        items[(head + size) & (items.length - 1)] = item;
        size++;
    }

    @SuppressWarnings({"unchecked", "NullAway"})
    T get(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(index);
        }
        return (T) items[(head + index) & (items.length - 1)];
    }

    T removeFirst() {
        T first = get(0);
        items[head] = null;
        head = (head + 1) & (items.length - 1);
        size--;
        if (size == 0) {
            // A session that is up to date keeps no array for the days when it was not.
            if (items.length > 64) {
                items = NONE;
            } else {
                Arrays.fill(items, null);
            }
            head = 0;
        }
        return first;
    }
}
