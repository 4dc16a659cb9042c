package dev.polywire.protocol;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A name that some frame from the client, or an object within one, gives a meaning to. */
enum Member {
    TYPE("type"),
    ID("id"),
    CHANNEL("channel"),
    EVENT("event"),
    PAYLOAD("payload"),
    KEY("key"),
    SENT_AT("sentAt"),
    TRACE_ID("traceId"),
    ECHO("echo"),
    CONFIRM("confirm"),
    CHANNELS("channels"),
    POSITIONS("positions"),
    TOKENS("tokens"),
    ADDRESS("address"),
    TIMEOUT("timeout"),
    CODE("code"),
    MESSAGE("message"),
    STATE("state"),
    COUNT("count"),
    SINCE("since"),
    LIMIT("limit"),
    REVERSE("reverse"),
    TOKEN("token"),
    VERSIONS("versions"),
    CLIENT("client"),
    RESUME("resume"),
    CAPABILITIES("capabilities"),
    SENT("sent"),
    REASON("reason"),
    // in hello.resume
    SESSION("session"),
    SECRET("secret"),
    ATTACH("attach"),
    RECEIVED("received"),
    CONFIRMED("confirmed"),
    // in a position
    EPOCH("epoch"),
    OFFSET("offset");

    static final int COUNT_OF_ALL = values().length;

    private static final Map<String, Member> BY_NAME = new HashMap<>();

    static {
        for (Member member : values()) {
            BY_NAME.put(member.wire, member);
        }
    }

    private final String wire;

    Member(String wire) {
        this.wire = wire;
    }

    /** Finds a member; null when no frame has one of that name. */
    static @Nullable Member of(String name) {
        return BY_NAME.get(name);
    }

    /** Its name in JSON. */
    String wire() {
        return wire;
    }

    /** Whether its value is the application's, and carried without a look into it. */
    boolean opaque() {
        return this == PAYLOAD || this == STATE || this == CAPABILITIES;
    }
}
