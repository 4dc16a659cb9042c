package dev.polywire.benchmarks;

import dev.polywire.benchmarks.load.Wire;
import java.util.Locale;

/**
 * Who is measured, over what: written {@code polywire}, {@code polywire/sse}, or {@code polywire:kept/sse} with the namespace of
 * its channels.
 *
 * @param peer the server
 * @param namespace of Polywire's channels
 * @param wire what carries messages down
 */
record Contender(Peer peer, String namespace, Wire wire) {
    static final String DEFAULT_NAMESPACE = "live";

    static Contender parse(String text, Wire otherwise) {
        String name = text;
        Wire wire = otherwise;
        int slash = name.indexOf('/');
        if (slash >= 0) {
            wire = wire("a transport", name.substring(slash + 1));
            name = name.substring(0, slash);
        }
        String namespace = DEFAULT_NAMESPACE;
        int colon = name.indexOf(':');
        if (colon >= 0) {
            namespace = name.substring(colon + 1);
            name = name.substring(0, colon);
        }
        Peer peer = Peer.named(name);
        if (slash < 0 && peer == Peer.C && !peer.wires.contains(wire)) {
            // The limit stays the limit where there is none of its own.
            wire = Wire.WEBSOCKET;
        }
        return new Contender(peer, namespace, wire);
    }

    static Wire wire(String what, String value) {
        try {
            return Wire.valueOf(value.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(what + " must be websocket, sse or longpoll, not " + value + ".", e);
        }
    }

    String title() {
        return titleWithoutWire() + ", " + wire.title;
    }

    /** Returns the title for where all use the same wire. */
    String titleWithoutWire() {
        return namespace.equals("kept") ? peer.title + ", with history" : peer.title;
    }

    @Override
    public String toString() {
        return peer.id + (namespace.equals("kept") ? ":kept" : "") + '/' + wire;
    }
}
