package dev.polywire.examples.validate;

/** Who sent a frame. */
public enum Direction {
    /** From client to server: {@code >} before a line. */
    CLIENT("client"),
    /** From server to client: {@code <} before a line. */
    SERVER("server");

    private final String wire;

    Direction(String wire) {
        this.wire = wire;
    }

    /** {@return the word for it in the schemas: {@code client} or {@code server}} */
    public String wire() {
        return wire;
    }
}
