/** Polywire's client for Java: one session over changing wires, on Vert.x core. */
module dev.polywire.client {
    requires transitive io.vertx.core;
    requires com.fasterxml.jackson.core;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.polywire.client;
}
