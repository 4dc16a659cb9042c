package dev.polywire.cluster.redis;

import io.vertx.core.Future;

/** Redis has refused a call without doing anything, and may do it when it is sent anew after a while. Has no stack trace. */
final class Again extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Future<?> ready;
    private final boolean loads;

    Again(String message, Future<?> ready) {
        this(message, ready, false);
    }

    private Again(String message, Future<?> ready, boolean loads) {
        super(message, null, false, false);
        this.ready = ready;
        this.loads = loads;
    }

    /** Redis has forgotten a script, which is on its way there. */
    static Again forgotten(Future<?> loaded) {
        return new Again("The script was forgotten.", loaded, true);
    }

    /** Tells whether it was for a script that Redis has not, which is on its way by now: what is sent after this is not refused for it. */
    boolean loads() {
        return loads;
    }

    /** Completes when what was in the way has been looked after, well or not. */
    Future<?> ready() {
        return ready;
    }
}
