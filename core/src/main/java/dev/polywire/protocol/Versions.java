package dev.polywire.protocol;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The protocol versions that a server speaks, and the codec of each.
 *
 * <p>The engine works with the frames of the newest version only. An older one is a {@link Codec} that translates: it
 * turns its clients' bytes into today's {@link ClientFrame}s, and today's {@link ServerFrame}s into bytes that its
 * clients know. So a version costs nothing elsewhere, and bytes are shared among all sessions of the same one.
 * {@code hello} is read before a version is agreed upon, with the newest codec; hence its {@code versions} keeps its
 * meaning for ever.
 */
public final class Versions {
    private final NavigableMap<Integer, Codec> codecs;

    /**
     * Creates a set of versions.
     *
     * @param codecs the codec of each version; at least one
     */
    public Versions(Map<Integer, ? extends Codec> codecs) {
        if (codecs.isEmpty()) {
            throw new IllegalArgumentException("A server speaks at least one protocol version.");
        }
        this.codecs = new TreeMap<>(codecs);
    }

    /**
     * Returns what this release speaks: version 1, as JSON.
     *
     * @param maxFrame the largest frame from a client, in bytes
     * @param maxDepth how deep a frame may be nested
     * @return the versions
     */
    public static Versions standard(int maxFrame, int maxDepth) {
        return new Versions(Map.of(1, new JsonCodec(maxFrame, maxDepth)));
    }

    /**
     * Returns the versions that are spoken.
     *
     * @return ascending
     */
    public List<Integer> spoken() {
        return List.copyOf(codecs.keySet());
    }

    /**
     * Chooses a version (R5).
     *
     * @param offered what the client speaks
     * @return the highest that both speak, or -1 when there is none
     */
    public int pick(List<Integer> offered) {
        int picked = -1;
        for (int version : offered) {
            if (version > picked && codecs.containsKey(version)) {
                picked = version;
            }
        }
        return picked;
    }

    /**
     * Returns the newest version.
     *
     * @return one of {@link #spoken}
     */
    public int newest() {
        return codecs.lastKey();
    }

    /**
     * Returns a version's codec.
     *
     * @param version one of {@link #spoken}
     * @return always the same object for a version, so that bytes can be cached by it
     * @throws IllegalArgumentException when that version is not spoken
     */
    public Codec codecFor(int version) {
        Codec codec = codecs.get(version);
        if (codec == null) {
            throw new IllegalArgumentException("Protocol version " + version + " is not spoken here.");
        }
        return codec;
    }
}
