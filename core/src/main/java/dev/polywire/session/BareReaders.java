package dev.polywire.session;

import dev.polywire.Principal;
import dev.polywire.protocol.CloseReason;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** The bare reads of this node, which are no sessions: counted against their limit and cut off when the engine closes. Safe for all threads. */
final class BareReaders {
    private final int most;
    private final AtomicInteger count = new AtomicInteger();
    private final Set<BareReader> readers = ConcurrentHashMap.newKeySet();

    BareReaders(int most) {
        this.most = most;
    }

    /** Takes the place of one more reader; false when there is none left. */
    boolean enter() {
        if (count.incrementAndGet() > most) {
            count.decrementAndGet();
            return false;
        }
        return true;
    }

    /** Notes who took the place. */
    void add(BareReader reader) {
        readers.add(reader);
    }

    /** Gives the place back. */
    void leave(BareReader reader) {
        readers.remove(reader);
        count.decrementAndGet();
    }

    int size() {
        return count.get();
    }

    void cut() {
        readers.forEach(reader -> reader.cut(CloseReason.RESTART));
    }

    /** Cuts off those of whom something is so, and tells how many there were. */
    int cut(Predicate<Principal> whose) {
        int count = 0;
        for (BareReader reader : readers) {
            if (whose.test(reader.principal())) {
                reader.cut(CloseReason.DISCONNECTED);
                count++;
            }
        }
        return count;
    }
}
