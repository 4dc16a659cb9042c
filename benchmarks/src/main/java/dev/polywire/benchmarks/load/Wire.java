package dev.polywire.benchmarks.load;

import java.util.Locale;

/** What carries messages down. */
public enum Wire {
    WEBSOCKET("WebSocket"),
    SSE("SSE"),
    LONGPOLL("long poll");

    /** How it is called in a table. */
    public final String title;

    Wire(String title) {
        this.title = title;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
