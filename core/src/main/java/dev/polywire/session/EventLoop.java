package dev.polywire.session;

import dev.polywire.channel.Faults;
import dev.polywire.channel.Loop;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One Vert.x event-loop context with what the sessions on it share: the wheel of deadlines and the list of those that have something to send. */
final class EventLoop implements Loop {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    /** Something that collects frames during a turn of the loop and sends them together at its end. */
    interface Sender {
        /** Sends what is due. */
        void flush();
    }

    private final ContextInternal context;
    private final LongSupplier clock;
    private final TimerWheel wheel;
    private final Batches batches = new Batches();
    private final Charge charge = new Charge();
    private final Lag lag = new Lag(System::nanoTime);
    private List<Sender> dirty = new ArrayList<>();
    private List<Sender> spare = new ArrayList<>();
    private boolean ticking;
    private boolean settling;
    private @Nullable Sender served;

    EventLoop(ContextInternal context, LongSupplier clock) {
        this.context = context;
        this.clock = clock;
        this.wheel = new TimerWheel(clock.getAsLong());
    }

    ContextInternal context() {
        return context;
    }

    /** Returns monotonic time in milliseconds. */
    long now() {
        return clock.getAsLong();
    }

    @Override
    public void execute(Runnable task) {
        context.runOnContext(nothing -> guard(task));
    }

    @Override
    public void executeAfter(long millis, Runnable task) {
        context.setTimer(millis, id -> guard(task));
    }

    @Override
    public boolean inLoop() {
        return context.inThread();
    }

    /** Runs a task on the loop: at once when already there. */
    void run(Runnable task) {
        if (inLoop()) {
            context.dispatch(() -> guard(task));
        } else {
            execute(task);
        }
    }

    /** Sets a deadline; on the loop only. */
    TimerWheel.Timer after(long millis, Runnable task) {
        TimerWheel.Timer timer = wheel.at(now() + millis, task);
        if (!ticking) {
            ticking = true;
            tick();
        }
        return timer;
    }

    private void tick() {
        lag.expect(TimerWheel.SLOT);
        context.setTimer(TimerWheel.SLOT, id -> {
            lag.came();
            try {
                wheel.advance(now());
            } finally {
                if (wheel.size() > 0) {
                    tick();
                } else {
                    ticking = false;
                    lag.rest();
                }
            }
        });
    }

    /** Returns what the outboxes of this loop were ever charged. */
    Charge charge() {
        return charge;
    }

    /** Returns how late this loop's timers are. */
    Lag lag() {
        return lag;
    }

    /** Returns the batches of this turn; for senders that are being flushed. */
    Batches batches() {
        return batches;
    }

    @Override
    public void settleEach(boolean on) {
        settling = on;
        if (!on) {
            settle();
            batches.end();
        }
    }

    @Override
    public void settle() {
        Sender sender = served;
        if (sender != null) {
            served = null;
            try {
                sender.flush();
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    /**
     * Has a sender flushed once, after all that is already waiting for this loop, or as soon as the walk over subscribers that is
     * under way is done with it; on the loop only.
     */
    void later(Sender sender) {
        if (settling && served == null) {
            served = sender;
            return;
        }
        dirty.add(sender);
        if (dirty.size() == 1) {
            execute(this::flush);
        }
    }

    private void flush() {
        List<Sender> due = dirty;
        dirty = spare;
        int next = 0;
        try {
            while (next < due.size()) {
                Sender sender = due.get(next++);
                try {
                    sender.flush();
                } catch (Throwable e) {
                    failed(e);
                }
            }
        } finally {
            while (next < due.size()) {
                // Only when a virtual machine error goes on from here.
                later(due.get(next++));
            }
            due.clear();
            spare = due;
            batches.end();
        }
    }

    private static void guard(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            failed(e);
        }
    }

    private static void failed(Throwable e) {
        Faults.contain(e);
        // One session's fault must not keep the others of this loop from their turn.
        LOG.error("A task on an event loop failed", e);
    }
}
