package dev.polywire.client;

import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The members of a channel, kept in step by version (R35). Read from any thread, changed by one. */
final class Members {
    /** What a frame changes. */
    enum Change {
        CHANGED,
        /** Dropped. */
        OLD,
        /** Changes were missed: ask for the list. */
        JUMP,
        ALL
    }

    private final Map<String, Member> map = new LinkedHashMap<>();
    /** How many there are; more than are listed when the server caps the list. */
    private long count;
    /** Or -1 when nothing is known. */
    private long version = -1;

    synchronized List<Member> list() {
        return List.copyOf(map.values());
    }

    synchronized long count() {
        return count;
    }

    synchronized void clear() {
        map.clear();
        count = 0;
        version = -1;
    }

    /** Takes a {@code subscribed}, {@code presence}, {@code join} or {@code leave} in. */
    synchronized Change take(JsonObject frame) {
        long next = Frames.number(frame, "version", -1);
        List<Member> all = Frames.members(frame);
        if (all != null) {
            if (next < version) {
                return Change.OLD;
            }
            map.clear();
            all.forEach(member -> map.put(member.session(), member));
            count = Frames.number(frame, "count", map.size());
            version = next;
            return Change.ALL;
        }
        JsonObject one = Frames.object(frame, "member");
        if (one == null || version < 0 || next <= version) {
            return Change.OLD;
        }
        if (next > version + 1) {
            return Change.JUMP;
        }
        Member member = Frames.member(one);
        if (Frames.type(frame).equals("leave")) {
            map.remove(member.session());
        } else {
            map.put(member.session(), member);
        }
        version = next;
        count = Frames.number(frame, "count", map.size());
        return Change.CHANGED;
    }
}
