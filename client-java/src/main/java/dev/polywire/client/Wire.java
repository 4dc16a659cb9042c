package dev.polywire.client;

import io.vertx.core.json.JsonObject;

/** What carries the session for a while. All of it is called, and calls back, in the client's {@link Place}. */
interface Wire {
    /** Sends an uncounted frame. */
    void control(JsonObject frame);

    /** Sends what the machine has. */
    void flush();

    /** Ends it; nothing comes from it afterwards. */
    void close();

    /** Whether each poll is an attach of its own. */
    default boolean polls() {
        return false;
    }

    /** Starts the next poll, on a wire that polls. */
    default void poll() {}

    /** What a wire tells. */
    interface Listener {
        /** It is open; a wire that greets by itself does not say so. */
        void opened();

        /** One frame came. */
        void text(String frame);

        /** One frame came in a poll. */
        void frame(JsonObject frame);

        /** Any sign of life. */
        void heard();

        /** The poll is over. */
        void idle();

        /** It ended by itself. */
        void closed(Failure why);
    }

    /** Makes a wire, and begins to open it. */
    interface Opener {
        Wire open(WireContext context, Listener listener);
    }
}
