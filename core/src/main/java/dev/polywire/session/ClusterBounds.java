package dev.polywire.session;

import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.spi.Peers;

/**
 * What options may allow where nodes pass requests and sessions to each other. A node could take more, and the way to the next could not: then a POST or a poll would be refused
 * at one node and work at another, and a session would be lost when it moves.
 */
final class ClusterBounds {
    /** The most bytes of a POST, and of one frame that a poll is answered with, so that the rest of what is said about either fits {@link Peers#MOST_BYTES}, too. */
    static final int RELAYED = Peers.MOST_BYTES / 4 * 3;

    /**
     * The most bytes that a session may be owed. They are written and read in one step, which holds up what else a node has to say: on a slow machine 16 MiB take half
     * a second, and 64 MiB longer than a store is waited for.
     */
    static final int MOVED = 16 * 1024 * 1024;

    /** What goes with each name in a list of channels. */
    private static final int QUOTES = 3;

    private ClusterBounds() {}

    /** Throws an {@link IllegalArgumentException} that says what would be right. */
    static void check(RealtimeOptions options) {
        SessionOptions session = options.session();
        atMost(
                "post",
                session.post(),
                RELAYED,
                "a POST that reaches another node than that of its session could not be passed on");
        atMost(
                "window",
                session.window(),
                RELAYED,
                "what a poll is answered that reaches another node could not be passed on");
        atMost("outbox", session.outbox(), MOVED, "a session that is owed so much could not move to another node");
        long names = (long) session.channels() * (options.limits().channelLength() + QUOTES);
        if (names > RELAYED) {
            throw new IllegalArgumentException("With several nodes, session.channels (" + session.channels()
                    + ") times limits.channelLength (" + options.limits().channelLength() + ") and " + QUOTES
                    + " must be at most " + RELAYED
                    + ", or the list of a session's channels could not be passed on when it moves to another node.");
        }
    }

    private static void atMost(String name, int value, int most, String or) {
        if (value > most) {
            throw new IllegalArgumentException("With several nodes, session." + name + " (" + value
                    + ") must be at most " + most + ", or " + or + ".");
        }
    }
}
