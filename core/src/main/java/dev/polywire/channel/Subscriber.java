package dev.polywire.channel;

/** Somebody who gets a channel's frames: a session, or a bare reader. */
public interface Subscriber {

    /**
     * Returns the public id.
     *
     * @return of the session; unique within the node
     */
    String id();

    /**
     * Returns the event loop that owns it.
     *
     * @return always the same
     */
    Loop loop();

    /**
     * Takes one frame, on its own loop. Never blocks and never waits for a client.
     *
     * @param subscription the subscription that it comes by
     * @param frame a message, a change of presence, or a gap
     */
    void deliver(Subscription subscription, Encoded frame);
}
