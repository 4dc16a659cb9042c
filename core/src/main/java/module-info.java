/** Polywire: sessions over any wire, channels, presence and recovery for Vert.x. */
module dev.polywire {
    requires transitive io.vertx.core;
    requires transitive io.vertx.web;
    requires transitive io.vertx.auth.common;
    requires io.vertx.auth.jwt;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires transitive io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.handler;
    requires transitive io.netty.transport;
    requires java.management;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.polywire;
    exports dev.polywire.auth;
    exports dev.polywire.protocol;
    exports dev.polywire.spi;
    exports dev.polywire.spi.http;

    uses dev.polywire.spi.Transport;
}
