package dev.polywire.benchmarks.load;

/** Whose connection it is. All is called on the generator's thread. */
interface Owner {

    /** The connection is about to be opened. */
    void connecting(long nanos);

    /** The connection can be written to: an upgrade was granted, or a stream began. */
    void opened(Link link);

    /** Takes a text that the connection brought. */
    void text(Link link, byte[] data, int from, int to);

    /** Time goes on: called about every 100 ms while the connection is there. */
    void tick(Link link, long nanos);

    /** The connection ended by itself. */
    void closed(Link link);
}
