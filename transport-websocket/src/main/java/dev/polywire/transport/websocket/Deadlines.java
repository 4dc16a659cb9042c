package dev.polywire.transport.websocket;

import io.netty.channel.EventLoop;
import io.vertx.core.internal.ContextInternal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Deadlines that are all equally far ahead, and of which nearly all are met: those of one event loop stand in a row, in the order
 * in which they end, with one timer for the first. Setting and cancelling one is two links, where a timer of its own is a task, a
 * place in a heap and one in a map of all loops.
 */
final class Deadlines {
    private final long nanos;
    /** There are only so many event loops. */
    private final Map<EventLoop, Row> rows = new ConcurrentHashMap<>();

    /**
     * Creates a set without any.
     *
     * @param millis how far ahead each is
     */
    Deadlines(long millis) {
        this.nanos = TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /**
     * Sets one.
     *
     * @param context whose event loop the caller is on
     * @param late runs on the context, unless it is cancelled before
     * @return to be cancelled on the same event loop
     */
    Deadline set(ContextInternal context, Runnable late) {
        Row row = rows.computeIfAbsent(context.nettyEventLoop(), Row::new);
        Deadline deadline = new Deadline(row, System.nanoTime() + nanos, context, late);
        row.add(deadline);
        return deadline;
    }

    /** One of them, set. */
    static final class Deadline {
        private final Row row;
        private final long at;
        private final ContextInternal context;
        private final Runnable late;
        private boolean set = true;
        private @Nullable Deadline before;
        private @Nullable Deadline after;

        private Deadline(Row row, long at, ContextInternal context, Runnable late) {
            this.row = row;
            this.at = at;
            this.context = context;
            this.late = late;
        }

        /** Makes sure that nothing happens any more; again, or afterwards, it does nothing. */
        void cancel() {
            if (set) {
                row.remove(this);
            }
        }
    }

    /** Those of one event loop. */
    private final class Row implements Runnable {
        // Netty's, not a context's: the timers of a verticle's context end with the verticle, and others' deadlines
        // stand here.
        private final EventLoop loop;
        private @Nullable Deadline first;
        private @Nullable Deadline last;
        private boolean waiting;

        private Row(EventLoop loop) {
            this.loop = loop;
        }

        private void add(Deadline deadline) {
            deadline.before = last;
            if (last == null) {
                first = deadline;
            } else {
                last.after = deadline;
            }
            last = deadline;
            await(nanos);
        }

        private void remove(Deadline deadline) {
            Deadline before = deadline.before;
            Deadline after = deadline.after;
            if (before == null) {
                first = after;
            } else {
                before.after = after;
            }
            if (after == null) {
                last = before;
            } else {
                after.before = before;
            }
            deadline.set = false;
            deadline.before = null;
            deadline.after = null;
        }

        private void await(long delay) {
            if (!waiting) {
                waiting = true;
                loop.schedule(this, delay, TimeUnit.NANOSECONDS);
            }
        }

        @Override
        public void run() {
            waiting = false;
            long now = System.nanoTime();
            for (Deadline next = first; next != null && next.at - now <= 0; next = first) {
                remove(next);
                // What it throws, its context reports.
                Runnable late = next.late;
                next.context.emit(nothing -> late.run());
            }
            if (first != null) {
                await(first.at - now);
            }
        }
    }
}
