package dev.polywire.cluster.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A Lua script and the hash that Redis knows it by.
 *
 * @param name its file
 * @param text the source
 * @param sha hexadecimal SHA-1
 * @param run whether its last argument is the run id and reign of the server, which are added for each
 */
record Script(String name, String text, String sha, boolean run) {
    private static final String RUN = "run.lua";

    /** Reads {@code name} beside this class; the sources are joined, so that scripts can share functions. */
    static Script load(String... names) {
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            try (InputStream in = Script.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw new IllegalStateException("There is no script " + name + ".");
                }
                text.append(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .append('\n');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-1").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return new Script(
                    names[names.length - 1],
                    text.toString(),
                    HexFormat.of().formatHex(hash),
                    List.of(names).contains(RUN));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
