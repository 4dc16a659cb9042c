package dev.polywire.examples.livefeed;

import io.vertx.core.json.JsonObject;
import java.util.Objects;

/**
 * JSON Merge Patch (RFC 7396) on objects: an object of what has changed, in which {@code null} removes a member.
 *
 * <p>So a document that is told in such patches has no member that is {@code null}. Arrays are replaced whole. Nothing that is
 * given is changed, but results share parts of it: treat them all as finished.
 */
final class MergePatch {
    private MergePatch() {}

    /**
     * Returns what makes one document of another.
     *
     * @param from what there is
     * @param to what there shall be
     * @return the smallest patch; empty when they are equal
     * @throws IllegalArgumentException if {@code to} has a member that is null, which no patch can tell
     */
    static JsonObject diff(JsonObject from, JsonObject to) {
        JsonObject patch = new JsonObject();
        for (String name : to.fieldNames()) {
            Object now = to.getValue(name);
            Object before = from.getValue(name);
            if (now == null) {
                throw new IllegalArgumentException(
                        "A merge patch removes what is null: leave the member " + name + " out.");
            }
            if (now instanceof JsonObject object) {
                JsonObject inner = diff(before instanceof JsonObject known ? known : new JsonObject(), object);
                // An empty object is a change where there was none.
                if (!inner.isEmpty() || !(before instanceof JsonObject)) {
                    patch.put(name, inner);
                }
            } else if (!now.equals(before)) {
                patch.put(name, now);
            }
        }
        for (String name : from.fieldNames()) {
            if (!to.containsKey(name)) {
                patch.putNull(name);
            }
        }
        return patch;
    }

    /**
     * Applies a patch.
     *
     * @param document what it is applied to
     * @param patch what changes
     * @return the document as it is now
     */
    static JsonObject apply(JsonObject document, JsonObject patch) {
        JsonObject result = shallow(document);
        for (String name : patch.fieldNames()) {
            Object change = patch.getValue(name);
            if (change == null) {
                result.remove(name);
            } else if (change instanceof JsonObject inner) {
                result.put(
                        name,
                        apply(result.getValue(name) instanceof JsonObject known ? known : new JsonObject(), inner));
            } else {
                result.put(name, change);
            }
        }
        return result;
    }

    /**
     * Joins patches that lead to the same document, so that one does for all whom one of them was for.
     *
     * @param one leads from a document to another
     * @param other leads from a third one to that same one
     * @return leads there from both
     */
    static JsonObject union(JsonObject one, JsonObject other) {
        JsonObject both = shallow(one);
        for (String name : other.fieldNames()) {
            Object change = other.getValue(name);
            boolean inner = change instanceof JsonObject && both.getValue(name) instanceof JsonObject;
            both.put(
                    name,
                    inner ? union(both.getJsonObject(name), (JsonObject) Objects.requireNonNull(change)) : change);
        }
        return both;
    }

    private static JsonObject shallow(JsonObject object) {
        JsonObject copy = new JsonObject();
        object.fieldNames().forEach(name -> copy.put(name, object.getValue(name)));
        return copy;
    }
}
