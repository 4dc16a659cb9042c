package dev.polywire.client;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names of the wires that worked last, by address and for an hour; and nothing else (R3). For all clients of the process. */
final class Remembered {
    private static final long HOUR = 3_600_000;
    private static final int MOST = 100;

    private record Known(String wire, long until) {}

    private static final Map<String, Known> KNOWN = new LinkedHashMap<>();

    private Remembered() {}

    static @Nullable String recall(String url, long now) {
        synchronized (KNOWN) {
            Known known = KNOWN.get(url);
            return known != null && known.until > now ? known.wire : null;
        }
    }

    static void remember(String url, String wire, long now) {
        synchronized (KNOWN) {
            KNOWN.remove(url);
            KNOWN.put(url, new Known(wire, now + HOUR));
            if (KNOWN.size() > MOST) {
                KNOWN.remove(KNOWN.keySet().iterator().next());
            }
        }
    }
}
