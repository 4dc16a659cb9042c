package dev.polywire.benchmarks;

import dev.polywire.benchmarks.load.Subscribers;
import dev.polywire.benchmarks.load.Wire;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Who can be measured. */
enum Peer {
    POLYWIRE("polywire", "Polywire", Subscribers.POLYWIRE, EnumSet.allOf(Wire.class)),
    NODES("nodes", "Polywire, two nodes and Redis", Subscribers.POLYWIRE, EnumSet.allOf(Wire.class)),
    C("c", "C, one send per message", Subscribers.PLAIN, EnumSet.of(Wire.WEBSOCKET, Wire.SSE)),
    C_JOINED("c-joined", "C, one send per turn", Subscribers.PLAIN, EnumSet.of(Wire.WEBSOCKET)),
    VERTX("vertx", "raw Vert.x", Subscribers.ASKING, EnumSet.of(Wire.WEBSOCKET, Wire.LONGPOLL)),
    SOCKJS("sockjs", "SockJS event-bus bridge", Subscribers.SOCKJS, EnumSet.of(Wire.WEBSOCKET)),
    NCHAN("nchan", "Nchan", Subscribers.NCHAN, EnumSet.allOf(Wire.class)),
    CENTRIFUGO("centrifugo", "Centrifugo", Subscribers.CENTRIFUGO, EnumSet.of(Wire.WEBSOCKET, Wire.SSE)),
    WS("ws", "ws on Node", Subscribers.PLAIN, EnumSet.of(Wire.WEBSOCKET)),
    SOCKET_IO("socket.io", "socket.io", Subscribers.SOCKET_IO, EnumSet.of(Wire.WEBSOCKET, Wire.LONGPOLL));

    /** How it is called on the command line. */
    final String id;

    /** How it is called in a table. */
    final String title;

    final Subscribers subscribers;
    final Set<Wire> wires;

    Peer(String id, String title, Subscribers subscribers, Set<Wire> wires) {
        this.id = id;
        this.title = title;
        this.subscribers = subscribers;
        this.wires = wires;
    }

    static Peer named(String id) {
        for (Peer peer : values()) {
            if (peer.id.equals(id)) {
                return peer;
            }
        }
        throw new IllegalArgumentException(
                "There is no peer called '" + id + "'. Peers are " + String.join(", ", names()) + ".");
    }

    static List<String> names() {
        return Arrays.stream(values()).map(peer -> peer.id).toList();
    }

    /** Those that can be measured over this wire. */
    static List<String> names(Wire over) {
        return Arrays.stream(values())
                .filter(peer -> peer.wires.contains(over))
                .map(peer -> peer.id)
                .toList();
    }

    boolean onNode() {
        return this == WS || this == SOCKET_IO;
    }

    boolean onJvm() {
        return polywire() || this == VERTX || this == SOCKJS;
    }

    /** Tells whether it is Polywire, on one node or more. */
    boolean polywire() {
        return this == POLYWIRE || this == NODES;
    }
}
