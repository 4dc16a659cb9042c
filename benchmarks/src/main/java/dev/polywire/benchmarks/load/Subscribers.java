package dev.polywire.benchmarks.load;

import java.nio.charset.StandardCharsets;

/** Makes subscribers of the protocols that are spoken here. */
public enum Subscribers {
    /** Each text is a message. */
    PLAIN {
        @Override
        void open(Generator to, Wire wire, int channel, String namespace) {
            switch (wire) {
                case WEBSOCKET ->
                    to.connect(
                            new PlainSubscriber(to),
                            new WebSocketFraming(),
                            WebSocketFraming.upgrade("/ws?channel=" + channel, to.port()));
                case SSE ->
                    to.connect(
                            new PlainSubscriber(to),
                            new EventStreamFraming(),
                            get("/sse?channel=" + channel, to.port()));
                case LONGPOLL -> throw new IllegalArgumentException("not over " + wire);
            }
        }
    },
    /** Each text is a message, but for the first each way: a request to subscribe, and that it was done. Polls go on by number. */
    ASKING {
        @Override
        void open(Generator to, Wire wire, int channel, String namespace) {
            switch (wire) {
                case WEBSOCKET ->
                    to.connect(
                            new AskingSubscriber(to, channel),
                            new WebSocketFraming(),
                            WebSocketFraming.upgrade("/ws", to.port()));
                case SSE -> throw new IllegalArgumentException("not over " + wire);
                case LONGPOLL -> new VertxPoll(to, channel).open();
            }
        }
    },
    /** Polywire, protocol 1. */
    POLYWIRE {
        @Override
        void open(Generator to, Wire wire, int channel, String namespace) {
            String name = namespace + ':' + channel;
            switch (wire) {
                case WEBSOCKET ->
                    to.connect(
                            new PolywireWebSocket(to, name),
                            new WebSocketFraming(),
                            WebSocketFraming.upgrade("/realtime/websocket", to.port()));
                case SSE ->
                    to.connect(
                            new PolywireStream(to, name),
                            new EventStreamFraming(),
                            PolywireHttp.post(to, "sse", "", PolywireSubscriber.hello()));
                case LONGPOLL -> new PolywirePoll(to, name).open();
            }
        }
    },
    /** Polywire, from one wire to the next every two seconds or so. */
    WANDERING {
        @Override
        void open(Generator to, Wire wire, int channel, String namespace) {
            new PolywireWanderer(to, namespace + ':' + channel, 2_000_000_000L).open();
        }
    },
    /** Polywire, by the Java client: its own connections, parser and session in place of the generator's. */
    CLIENT {
        @Override
        void open(Generator to, Wire wire, int channel, String namespace) {
            new ClientSubscriber(to, namespace + ':' + channel).open(wire);
        }
    },
    /** The event-bus bridge of vertx-web. */
    SOCKJS {
        @Override
        void open(Generator to, Wire wire, int channel, String namespace) {
            to.connect(
                    new SockJsSubscriber(to, "live." + channel),
                    new WebSocketFraming(),
                    WebSocketFraming.upgrade("/eventbus/websocket", to.port()));
        }
    },
    /** Nchan: each text is a message. */
    NCHAN {
        @Override
        void open(Generator to, Wire wire, int channel, String namespace) {
            String path = "/sub?channel=" + channel;
            switch (wire) {
                case WEBSOCKET ->
                    to.connect(
                            new PlainSubscriber(to), new WebSocketFraming(), WebSocketFraming.upgrade(path, to.port()));
                case SSE ->
                    to.connect(
                            new PlainSubscriber(to),
                            new EventStreamFraming(),
                            ascii("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + to.port()
                                    + "\r\nAccept: text/event-stream\r\n\r\n"));
                case LONGPOLL -> new NchanPoll(to, channel).open();
            }
        }
    },
    /** Centrifugo: its JSON protocol over WebSocket, as its own clients speak it; its unidirectional event stream. */
    CENTRIFUGO {
        @Override
        void open(Generator to, Wire wire, int channel, String namespace) {
            switch (wire) {
                case WEBSOCKET ->
                    to.connect(
                            new CentrifugoSubscriber(to, channel),
                            WebSocketFraming.ofLines(),
                            WebSocketFraming.upgrade("/connection/websocket", to.port()));
                case SSE ->
                    to.connect(
                            new CentrifugoStream(to),
                            new EventStreamFraming(),
                            CentrifugoStream.request(channel, to.port()));
                case LONGPOLL -> throw new IllegalArgumentException("not over " + wire);
            }
        }
    },
    /** socket.io. */
    SOCKET_IO {
        @Override
        void open(Generator to, Wire wire, int channel, String namespace) {
            String name = "live." + channel;
            switch (wire) {
                case WEBSOCKET ->
                    to.connect(
                            new SocketIoSubscriber(to, name),
                            new WebSocketFraming(),
                            WebSocketFraming.upgrade("/socket.io/?EIO=4&transport=websocket", to.port()));
                case SSE -> throw new IllegalArgumentException("not over " + wire);
                case LONGPOLL -> new SocketIoPoll(to, name).open();
            }
        }
    };

    abstract void open(Generator to, Wire wire, int channel, String namespace);

    /**
     * Opens subscribers; {@link Generator#readySubscribers} tells when they stand.
     *
     * @param to what runs them
     * @param wire what carries messages down
     * @param count how many
     * @param channels how many channels they are dealt to in turn
     * @param namespace of Polywire's channels
     */
    public void open(Generator to, Wire wire, int count, int channels, String namespace) {
        to.call(() -> {
            for (int i = 0; i < count; i++) {
                open(to, wire, i % channels, namespace);
            }
            return true;
        });
    }

    static byte[] get(String path, int port) {
        return ascii("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n");
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
