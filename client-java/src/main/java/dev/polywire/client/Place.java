package dev.polywire.client;

import io.vertx.core.Promise;

/** Where a client runs: its one thread at a time, its time and its chance. Tests move a place of their own by hand. */
interface Place {
    /** Returns milliseconds that only grow, from no particular beginning. */
    long now();

    /** Returns milliseconds since 1970. */
    long wall();

    /** Runs something after so many milliseconds, unless what is returned is run first. */
    Runnable later(long millis, Runnable run);

    /** Returns a number from 0, included, to 1, excluded. */
    double random();

    /** Runs something here: at once when the caller is here already, or else as soon as may be. */
    void run(Runnable run);

    /** Runs something here, after what is running. */
    void soon(Runnable run);

    /** Makes a promise whose listeners are called here. */
    <T> Promise<T> promise();
}
