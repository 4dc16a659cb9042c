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
     * Tells whether the caller is on it.
     *
     * @return true on the loop's own thread
     */
    boolean inLoop();
}
