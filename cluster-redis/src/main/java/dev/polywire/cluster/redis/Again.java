package dev.polywire.cluster.redis;

import io.vertx.core.Future;

/** Redis has refused a call without doing anything, and may do it when it is sent anew after a while. Has no stack trace. */
final class Again extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Future<?> ready;

    Again(String message, Future<?> ready) {
        super(message, null, false, false);
        this.ready = ready;
    }

    /** Completes when what was in the way has been looked after, well or not. */
    Future<?> ready() {
        return ready;
    }
}
