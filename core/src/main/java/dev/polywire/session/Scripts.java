package dev.polywire.session;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The modules of the browser client: small files, read from the class path when the engine is mounted. They are the first one and
 * what that one imports; anybody may ask for any other name, and the class path is not searched for it.
 */
final class Scripts {
    private static final Logger LOG = LoggerFactory.getLogger(Scripts.class);
    private static final String FOLDER = "dev/polywire/browser/";
    private static final String FIRST = "client.js";
    private static final Pattern IMPORT =
            Pattern.compile("(?:from|import)\\s*\\(?\\s*['\"]\\./([a-z-]{1,40}\\.js)['\"]");

    private final Map<String, Script> modules = new HashMap<>();

    Scripts(ClassLoader loader) {
        ArrayDeque<String> wanted = new ArrayDeque<>();
        wanted.add(FIRST);
        for (String name = wanted.poll(); name != null; name = wanted.poll()) {
            byte[] module = modules.containsKey(name) ? null : load(loader, name);
            if (module != null) {
                modules.put(name, new Script(module));
                for (Matcher found = IMPORT.matcher(new String(module, StandardCharsets.UTF_8)); found.find(); ) {
                    wanted.add(found.group(1));
                }
            }
        }
    }

    private static byte @Nullable [] load(ClassLoader loader, String name) {
        try (InputStream in = loader.getResourceAsStream(FOLDER + name)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            LOG.warn("client module {} cannot be read", name, e);
            return null;
        }
    }

    /** Returns the modules by name; none where the client is not on the class path. */
    Map<String, Script> all() {
        return modules;
    }
}
