package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The browser client's modules are those that its first one leads to. */
class ScriptsTest {
    private final List<String> asked = new ArrayList<>();

    private final ClassLoader loader = new ClassLoader(null) {
        private final Map<String, String> files = Map.of(
                "client.js",
                "import { A } from './a.js';\nimport './side.js';\n/** @typedef {import('./types.js').T} T */",
                "a.js",
                "import {\n  B,\n} from \"./client.js\"; import { gone } from './gone.js';",
                "side.js",
                "",
                "types.js",
                "",
                "secret.js",
                "");

        @Override
        public InputStream getResourceAsStream(String path) {
            asked.add(path);
            String text = files.get(path.substring(path.lastIndexOf('/') + 1));
            return text == null ? null : new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        }
    };

    @Test
    @DisplayName("what the first module imports is there, and what it does not is never looked for")
    void modules() {
        Scripts scripts = new Scripts(loader);
        assertThat(scripts.all()).containsOnlyKeys("client.js", "a.js", "side.js", "types.js");
        assertThat(asked).as("each once").doesNotHaveDuplicates().noneMatch(path -> path.contains("secret"));
    }
}
