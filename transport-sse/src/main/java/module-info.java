/** Carries Polywire sessions over Server-Sent Events. */
module dev.polywire.transport.sse {
    requires transitive dev.polywire;
    requires io.netty.transport;
    requires static transitive org.jspecify;

    exports dev.polywire.transport.sse;

    provides dev.polywire.spi.Transport with
            dev.polywire.transport.sse.SseTransport;
}
