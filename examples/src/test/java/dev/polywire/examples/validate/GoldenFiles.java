package dev.polywire.examples.validate;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The golden frames, which the tests of the codec and of the JavaScript client read, too. */
final class GoldenFiles {
    private static final Path FOLDER = Path.of("..", "core", "src", "test", "resources", "golden");

    private GoldenFiles() {}

    /** Good frames by name, such as {@code client-publish-all}. */
    static Map<String, Buffer> good() {
        return files(FOLDER);
    }

    /** Bad frames of a client by name, which begins with the code of the refusal. */
    static Map<String, Buffer> bad() {
        return files(FOLDER.resolve("bad"));
    }

    static Direction direction(String name) {
        return name.startsWith("client-") ? Direction.CLIENT : Direction.SERVER;
    }

    static String type(String name) {
        return name.split("-")[1];
    }

    private static Map<String, Buffer> files(Path folder) {
        Map<String, Buffer> files = new TreeMap<>();
        try (Stream<Path> paths = Files.list(folder)) {
            for (Path path :
                    (Iterable<Path>) paths.filter(path -> path.toString().endsWith(".json"))::iterator) {
                String name = path.getFileName().toString();
                files.put(name.substring(0, name.length() - ".json".length()), Buffer.buffer(Files.readAllBytes(path)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }
}
