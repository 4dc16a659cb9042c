package dev.polywire.examples.shared;

import io.vertx.core.Future;

/** A demo that runs. */
public interface Demo {
    /** Returns the port that it listens on: the free one that was taken when 0 was asked for. */
    int port();

    /** Tells the clients and ends it. */
    Future<Void> close();
}
