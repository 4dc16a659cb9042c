/** Carries Polywire sessions over WebSocket. */
module dev.polywire.transport.websocket {
    requires transitive dev.polywire;
    requires io.netty.codec;
    requires io.netty.codec.compression;
    requires io.netty.codec.http;
    requires io.netty.transport;
    requires io.netty.buffer;
    requires io.netty.common;
    requires io.netty.handler;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.polywire.transport.websocket;

    provides dev.polywire.spi.Transport with
            dev.polywire.transport.websocket.WebSocketTransport;
}
