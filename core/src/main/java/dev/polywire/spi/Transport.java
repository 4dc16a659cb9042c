package dev.polywire.spi;

import io.vertx.ext.web.Router;

/**
 * One way to carry a session: it owns endpoints and turns what happens there into calls of the {@link SessionGateway}.
 *
 * <p>It keeps no state about sessions. Found by {@link java.util.ServiceLoader} or given to the engine in code.
 */
public interface Transport {

    /**
     * Returns the name by which clients know it, for example {@code websocket}.
     *
     * @return lower-case letters
     */
    String name();

    /**
     * Adds the endpoints, relative to the router's mount point.
     *
     * @param router the router of the engine's mount path
     * @param gateway the way into the sessions
     */
    void mount(Router router, SessionGateway gateway);
}
