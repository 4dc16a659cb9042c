package dev.polywire.session;

import org.jspecify.annotations.Nullable;

/** A queue whose elements can be read and taken out by index: what is replayed stays where it is. Empty ones take no array. */
final class Ring<T> {
    private static final @Nullable Object[] NONE = {};

    /** An array of up to this many places is kept while it is empty, if it was needed lately. */
    private static final int KEPT = 512;

    private @Nullable Object[] items = NONE;
    private int head;
    private int size;
    /** The most elements since it was empty. */
    private int peak;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(T item) {
        if (size == items.length) {
            grow();
        }
        items[(head + size) & (items.length - 1)] = item;
        size++;
    }

    private void grow() {
        @Nullable Object[] larger = new Object[Math.max(8, size * 2)];
        for (int i = 0; i < size; i++) {
            larger[i] = items[(head + i) & (items.length - 1)];
        }
        items = larger;
        head = 0;
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
        peak = Math.max(peak, size);
        items[head] = null;
        head = (head + 1) & (items.length - 1);
        if (--size == 0) {
            emptied();
        }
        return first;
    }

    private void emptied() {
        // A session that is up to date keeps no array for the days when it was not, but one in use is not made anew
        // each
        // time either.
        if (items.length > KEPT || peak <= 8 || peak <= items.length / 4) {
            items = NONE;
        }
        head = 0;
        peak = 0;
    }

    /** Takes out one element; those before or behind it move, whichever are fewer: what is dropped is mostly near the head. */
    void remove(int index) {
        if (index == 0) {
            removeFirst();
            return;
        }
        get(index);
        peak = Math.max(peak, size);
        int mask = items.length - 1;
        if (index < size / 2) {
            for (int i = index; i > 0; i--) {
                items[(head + i) & mask] = items[(head + i - 1) & mask];
            }
            items[head] = null;
            head = (head + 1) & mask;
        } else {
            for (int i = index; i < size - 1; i++) {
                items[(head + i) & mask] = items[(head + i + 1) & mask];
            }
            items[(head + size - 1) & mask] = null;
        }
        size--;
    }

    void clear() {
        items = NONE;
        head = 0;
        size = 0;
        peak = 0;
    }

    /** Puts another element in the place of one. */
    void set(int index, T item) {
        get(index);
        items[(head + index) & (items.length - 1)] = item;
    }
}
