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

    /**
     * Returns a pace of so many steps a second. One that is late catches up for at most a second; the first step is due at once.
     *
     * @param rate steps a second
     * @return for one thread
     */
    static Pace perSecond(int rate) {
        long step = TimeUnit.SECONDS.toNanos(1) / rate;
        return new Pace() {
            private boolean begun;
            private long due;

            @Override
            public void await() throws InterruptedException {
                long now = System.nanoTime();
                due = begun ? Math.max(due + step, now - TimeUnit.SECONDS.toNanos(1)) : now;
                begun = true;
                if (due > now) {
                    TimeUnit.NANOSECONDS.sleep(due - now);
                }
            }
        };
    }
}
