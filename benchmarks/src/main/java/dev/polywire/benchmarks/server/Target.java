package dev.polywire.benchmarks.server;

import io.vertx.core.Future;

/** A server that can publish. Both methods are called on its event loop. */
interface Target {

    /**
     * Starts to listen on the loopback interface.
     *
     * @return the port
     */
    Future<Integer> start();

    /**
     * Publishes to all subscribers of a channel.
     *
     * @param channel its number
     * @param text ASCII that needs no escaping in JSON
     */
    void publish(int channel, String text);
}
