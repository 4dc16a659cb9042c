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
}
