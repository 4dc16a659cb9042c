package dev.polywire.benchmarks.load;

import java.util.Locale;

/** What carries messages down. */
public enum Wire {
    WEBSOCKET,
    SSE,
    LONGPOLL;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
