/** Carries Polywire sessions over WebSocket. */
module dev.polywire.transport.websocket {
    requires transitive dev.polywire;
    requires static transitive org.jspecify;

    exports dev.polywire.transport.websocket;

    provides dev.polywire.spi.Transport with
            dev.polywire.transport.websocket.WebSocketTransport;
}
