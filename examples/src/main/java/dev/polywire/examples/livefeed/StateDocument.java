package dev.polywire.examples.livefeed;

import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A document with numbered versions, which tells each change in a way that others may skip.
 *
 * <p>A change leads to the newest version from <em>any</em> of the last {@link #REACH}, not only from the one before. So whoever
 * was sent one change in place of several, because it is slow or its wire was away, has the newest state all the same; who is
 * further behind needs the whole document. Not thread-safe.
 */
final class StateDocument {
    /**
     * From how many versions back a change leads: three seconds at the highest rate. A patch holds whatever changed within
     * them, so it is never much larger than the document.
     */
    static final int REACH = 64;

    /** The last versions, oldest first. */
    private final Deque<JsonObject> recent = new ArrayDeque<>();

    private long version;

    /**
     * Begins with version 0.
     *
     * @param first the document
     */
    StateDocument(JsonObject first) {
        recent.addLast(first.copy());
    }

    /**
     * What has changed.
     *
     * @param from the oldest version that the patch can be applied to
     * @param to the version that it leads to, from each between
     * @param patch a {@link MergePatch}
     */
    record Change(long from, long to, JsonObject patch) {}

    /**
     * Takes the next version.
     *
     * @param next the whole document
     * @return what has changed; null when nothing has
     */
    @Nullable
    Change set(JsonObject next) {
        JsonObject now = next.copy();
        if (MergePatch.diff(document(), now).isEmpty()) {
            return null;
        }
        JsonObject patch = new JsonObject();
        for (JsonObject before : recent) {
            patch = MergePatch.union(patch, MergePatch.diff(before, now));
        }
        long from = version - recent.size() + 1;
        recent.addLast(now);
        if (recent.size() > REACH) {
            recent.removeFirst();
        }
        return new Change(from, ++version, patch);
    }

    /** Returns the number of the newest version. */
    long version() {
        return version;
    }

    /** Returns the newest version; not to be changed. */
    JsonObject document() {
        return recent.getLast();
    }
}
