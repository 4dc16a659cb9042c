package dev.polywire.channel;

/** One event loop: everything that belongs to a session happens there. */
public interface Loop {

    /**
     * Runs a task there, after those given before. A task given while on the loop runs later, too.
     *
     * @param task what to run
     */
    void execute(Runnable task);

    /**
     * Runs a task there after some time; from any thread.
     *
     * @param millis how long, more than 0
     * @param task what to run
     */
    void executeAfter(long millis, Runnable task);

    /**
     * Tells whether the caller is on it.
     *
     * @return true on the loop's own thread
     */
    boolean inLoop();

    /**
     * Begins or ends a walk over many subscribers, in which what is due to each is sent when {@link #settle} is called after it,
     * while all that belongs to it is at hand, and not in another walk at the end of the turn. On the loop.
     *
     * @param on true to begin
     */
    default void settleEach(boolean on) {}

    /** Sends what has become due to the subscriber that was served last; during such a walk only. */
    default void settle() {}
}
