package dev.polywire.conformance;

import dev.polywire.spi.Cluster;
import dev.polywire.spi.Transport;
import io.vertx.core.Vertx;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Which transport a suite is about, and what its server is. Extended by {@link TransportConformance} and {@link SeveralNodesConformance}. */
public abstract class TransportKit {

    TransportKit() {}

    /**
     * Creates the transport.
     *
     * @return a new one for each engine
     */
    protected abstract Transport transport();

    /**
     * Creates a driver of the client's side.
     *
     * @param vertx carries its sockets
     * @param port of the server on 127.0.0.1, which is mounted at {@value KitServer#PATH}
     * @return a new one
     */
    protected abstract ClientDriver driver(Vertx vertx, int port);

    /**
     * Begins a cluster, when a server is to be several nodes.
     *
     * @return makes what each node of one server joins; null for a server that is one node
     */
    protected @Nullable Supplier<Cluster> cluster() {
        return null;
    }
}
