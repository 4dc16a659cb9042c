package dev.polywire.protocol;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The golden files: one frame each, which the tests of the JavaScript client read, too. */
final class Golden {
    private Golden() {}

    /** The files of a folder whose names begin with a prefix, by the rest of the name, without {@code .json}. */
    static Map<String, Buffer> files(String folder, String prefix) {
        Map<String, Buffer> files = new TreeMap<>();
        try (Stream<Path> paths = Files.list(root().resolve(folder))) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                String name = path.getFileName().toString();
                if (name.startsWith(prefix) && name.endsWith(".json")) {
                    files.put(
                            name.substring(prefix.length(), name.length() - ".json".length()),
                            Buffer.buffer(Files.readAllBytes(path)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private static Path root() {
        URL url = Objects.requireNonNull(Golden.class.getResource("/golden"), "no golden files");
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
