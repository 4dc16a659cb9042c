package dev.polywire.examples.livefeed;

import java.util.concurrent.TimeUnit;

/** Keeps a thread from going faster than it should. */
@FunctionalInterface
interface Pace {
    /**
     * Waits until the next step is due.
     *
     * @throws InterruptedException when there shall be no next step
     */
    void await() throws InterruptedException;

    /** What a pace goes by; for tests another than the machine's. */
    interface Clock {
        /** Returns nanoseconds since some moment. */
        long now();

        /** Waits. */
        void sleep(long nanos) throws InterruptedException;
    }

    /**
     * Returns a pace of so many steps a second. One that is late catches up for at most a second; the first step is due at once.
     *
     * @param rate steps a second
     * @return for one thread
     */
    static Pace perSecond(int rate) {
        return perSecond(rate, new Clock() {
            @Override
            public long now() {
                return System.nanoTime();
            }

            @Override
            public void sleep(long nanos) throws InterruptedException {
                TimeUnit.NANOSECONDS.sleep(nanos);
            }
        });
    }

    /** The same by another clock. */
    static Pace perSecond(int rate, Clock clock) {
        long step = TimeUnit.SECONDS.toNanos(1) / rate;
        return new Pace() {
            private boolean begun;
            private long due;

            @Override
            public void await() throws InterruptedException {
                long now = clock.now();
                due = begun ? Math.max(due + step, now - TimeUnit.SECONDS.toNanos(1)) : now;
                begun = true;
                if (due > now) {
                    clock.sleep(due - now);
                }
            }
        };
    }
}
