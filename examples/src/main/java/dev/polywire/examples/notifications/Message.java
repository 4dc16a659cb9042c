package dev.polywire.examples.notifications;

import dev.polywire.examples.shared.Texts;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a notification says, the same for all who get it.
 *
 * @param title 1 to 120 characters
 * @param body at most 1000 characters
 * @param link an http or https address, or a path of this server that begins with one {@code /}; or null
 * @param severity how much it matters
 * @param key a newer one with the same key, from the same sender and to the same topic or none, replaces this one; or null
 * @param topic what one follows to get it, or null
 */
record Message(
        String title,
        String body,
        @Nullable String link,
        Severity severity,
        @Nullable String key,
        @Nullable String topic) {
    static final int TITLE = 120;
    static final int BODY = 1000;
    static final int LINK = 500;
    static final int KEY = 64;

    /** How much a notification matters. */
    enum Severity {
        INFO,
        SUCCESS,
        WARNING,
        /** Comes through in quiet hours. */
        CRITICAL;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Severity of(String wire) {
            for (Severity one : values()) {
                if (one.wire().equals(wire)) {
                    return one;
                }
            }
            throw new IllegalArgumentException("severity must be info, success, warning or critical.");
        }
    }

    /** Refuses what cannot be, with a sentence. */
    Message {
        if (!Texts.visible(title) || length(title) > TITLE) {
            throw new IllegalArgumentException("title must have 1 to " + TITLE + " characters.");
        }
        if (length(body) > BODY) {
            throw new IllegalArgumentException("body must have at most " + BODY + " characters.");
        }
        if (link != null && !safe(link)) {
            throw new IllegalArgumentException(
                    "link must be an http or https address, or a path of this server, of at most " + LINK
                            + " characters.");
        }
        if (key != null && (key.isBlank() || length(key) > KEY)) {
            throw new IllegalArgumentException("key must have 1 to " + KEY + " characters.");
        }
    }

    /** Counts characters as people, and JSON Schema, do. */
    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** A link with another scheme could run in the page of whoever clicks it. */
    private static boolean safe(String link) {
        if (link.length() > LINK || link.chars().anyMatch(c -> c <= ' ' || c == '\\')) {
            return false;
        }
        try {
            URI uri = new URI(link);
            if (uri.getScheme() == null) {
                return link.startsWith("/") && !link.startsWith("//");
            }
            String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
            return (scheme.equals("http") || scheme.equals("https")) && uri.getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("title", title)
                .put("body", body)
                .put("link", link)
                .put("severity", severity.wire())
                .put("key", key)
                .put("topic", topic);
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException for what cannot be, with a sentence
     */
    static Message fromJson(JsonObject json) {
        String title = text(json, "title");
        String body = text(json, "body");
        String severity = text(json, "severity");
        if (title != null && length(title) > TITLE) {
            throw new IllegalArgumentException("title must have 1 to " + TITLE + " characters.");
        }
        return new Message(
                title == null ? "" : title.strip(),
                body == null ? "" : body,
                text(json, "link"),
                severity == null ? Severity.INFO : Severity.of(severity),
                text(json, "key"),
                text(json, "topic"));
    }

    static @Nullable String text(JsonObject json, String name) {
        Object value = json.getValue(name);
        if (value != null && !(value instanceof String)) {
            throw new IllegalArgumentException(name + " must be a string.");
        }
        return (String) value;
    }
}
