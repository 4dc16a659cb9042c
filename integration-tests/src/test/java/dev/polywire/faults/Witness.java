package dev.polywire.faults;

import dev.polywire.client.Position;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one subscriber was handed of one channel, in the order of the handing: the Java crowd's counterpart to judge.js. For any thread. */
final class Witness {
    /** Who published a message, and which of its messages it is. */
    record Label(String publisher, int number) {
        static Label of(Object payload) {
            JsonObject label = (JsonObject) payload;
            return new Label(label.getString("p"), label.getInteger("n"));
        }

        JsonObject payload() {
            return new JsonObject().put("p", publisher).put("n", number);
        }
    }

    /** The places of messages as they came, with null for a gap. */
    private final List<@Nullable Position> entries = new ArrayList<>();

    private final Set<Label> seen = new HashSet<>();
    private final Map<String, Integer> highest = new HashMap<>();
    private final List<String> wrong = new ArrayList<>();

    synchronized void message(@Nullable Object payload, @Nullable Position at) {
        Label label = Label.of(Objects.requireNonNull(payload));
        if (!seen.add(label)) {
            wrong.add("repeated: " + label);
            return;
        }
        int before = highest.merge(label.publisher(), label.number(), Math::max);
        if (before > label.number()) {
            wrong.add("reordered: " + label + " after " + before);
        }
        if (at == null) {
            wrong.add("without a position: " + label);
        } else {
            entries.add(at);
        }
    }

    synchronized void gap() {
        entries.add(null);
    }

    /** Returns what came twice or out of order. */
    synchronized List<String> wrong() {
        return List.copyOf(wrong);
    }

    synchronized int received() {
        return seen.size();
    }

    /** Returns whether a message that is stored at a place is missing here, and no gap says so where it ought to be. */
    synchronized boolean lacks(Label label, Position at) {
        if (seen.contains(label)) {
            return false;
        }
        boolean told = false;
        for (Position entry : entries) {
            if (entry == null) {
                told = true;
            } else if (entry.epoch().equals(at.epoch())) {
                if (entry.offset() > at.offset()) {
                    return !told;
                }
                told = false;
            }
        }
        return !told;
    }
}
