package dev.polywire;

import dev.polywire.protocol.Payload;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Answers a client's request at one address. Called on the session's event loop, so it must not block. */
@FunctionalInterface
public interface RequestHandler {

    /**
     * Answers one request.
     *
     * @param session who asks
     * @param payload what is asked
     * @return any JSON value; a failure with a {@link dev.polywire.protocol.ProtocolException} is told as it is, any other as {@code internal}
     */
    Future<? extends @Nullable Object> handle(Session session, Payload payload);
}
