package dev.polywire.channel;

/** A channel whose messages come to this node for somebody who is about to subscribe. Safe for all threads. */
public final class Holding {
    private final LocalChannel local;
    private boolean released;

    Holding(LocalChannel local) {
        this.local = local;
    }

    /** Lets go of it; the second call does nothing. */
    public synchronized void release() {
        if (!released) {
            released = true;
            local.link.release();
        }
    }
}
