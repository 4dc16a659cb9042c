/** Carries Polywire sessions over long polling. */
module dev.polywire.transport.longpoll {
    requires transitive dev.polywire;
    requires io.netty.transport;
    requires static transitive org.jspecify;

    exports dev.polywire.transport.longpoll;

    provides dev.polywire.spi.Transport with
            dev.polywire.transport.longpoll.LongPollTransport;
}
