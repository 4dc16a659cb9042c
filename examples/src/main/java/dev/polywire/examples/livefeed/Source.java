package dev.polywire.examples.livefeed;

import io.vertx.core.json.JsonObject;

/** Where a feed's messages come from. It runs on a thread of its own, never on an event loop. */
interface Source {

    /**
     * Returns the channel that its messages go to.
     *
     * @return {@code metrics} or {@code lines}
     */
    String channel();

    /**
     * Tells what its messages are.
     *
     * @return true when each is a new state in place of the one before, of which only the newest matters; false when all of
     *     them matter
     */
    default boolean isState() {
        return false;
    }

    /**
     * Returns what a page should know beforehand.
     *
     * @return told in every snapshot
     */
    JsonObject about();

    /**
     * Produces messages until there are no more or the thread is interrupted.
     *
     * @param sink takes them
     * @throws Exception ends the feed, and is told in it
     */
    void run(Sink sink) throws Exception;

    /** Takes messages. */
    @FunctionalInterface
    interface Sink {
        /**
         * Publishes a message, and blocks for as long as too many are on their way.
         *
         * @param event what it is
         * @param body the message; becomes the sink's own
         * @throws InterruptedException when the feed is being closed
         */
        void put(String event, JsonObject body) throws InterruptedException;
    }
}
