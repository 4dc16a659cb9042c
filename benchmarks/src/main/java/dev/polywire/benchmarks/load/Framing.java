package dev.polywire.benchmarks.load;

/** Cuts what a connection brings into texts, and hands each to the subscriber. */
interface Framing {

    /**
     * Takes what is complete.
     *
     * @param link the connection
     * @param data bytes; not to be changed
     * @param from the first one
     * @param to behind the last one
     * @return behind the last byte taken; the rest is handed in again, with what follows it
     */
    int consume(Link link, byte[] data, int from, int to);
}
