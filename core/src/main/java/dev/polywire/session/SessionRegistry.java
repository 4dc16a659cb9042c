package dev.polywire.session;

import dev.polywire.Session;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** All sessions of this node, by id and user, and for a while why the ended ones ended. Safe for all threads. */
final class SessionRegistry {
    /** How many ended sessions are remembered at the most. */
    private static final int TOMBSTONES = 100_000;

    /** Of its own: the size of a concurrent map is no way to keep a limit that many come up against at the same time. */
    private final AtomicInteger count = new AtomicInteger();

    private final Map<String, LiveSession> byId = new ConcurrentHashMap<>();
    private final Map<String, Set<LiveSession>> byUser = new ConcurrentHashMap<>();
    private final Map<String, Tombstone> tombstones = new LinkedHashMap<>();
    private final long remember;

    private record Tombstone(String secret, CloseReason reason, long until) {}

    /**
     * Creates an empty registry.
     *
     * @param remember how long the reason of an end is remembered, milliseconds
     */
    SessionRegistry(long remember) {
        this.remember = remember;
    }

    /**
     * Adds a session.
     *
     * @param most how many there may be
     * @return false when there are that many; then nothing is added
     */
    boolean opened(LiveSession session, int most) {
        if (count.incrementAndGet() > most) {
            count.decrementAndGet();
            return false;
        }
        byId.put(session.id(), session);
        String user = session.principal().id();
        if (user != null) {
            add(byUser, user, session);
        }
        return true;
    }

    /** Another node goes on with it. */
    void moved(LiveSession session) {
        remove(session);
    }

    void ended(LiveSession session, CloseReason reason) {
        remove(session);
        long now = session.loop().now();
        synchronized (tombstones) {
            Iterator<Tombstone> oldest = tombstones.values().iterator();
            while (oldest.hasNext() && (oldest.next().until() <= now || tombstones.size() >= TOMBSTONES)) {
                oldest.remove();
            }
            tombstones.put(session.id(), new Tombstone(session.secret(), reason, now + remember));
        }
    }

    private void remove(LiveSession session) {
        if (byId.remove(session.id(), session)) {
            count.decrementAndGet();
        }
        String user = session.principal().id();
        if (user != null) {
            remove(byUser, user, session);
        }
    }

    private static void add(Map<String, Set<LiveSession>> index, String key, LiveSession session) {
        index.compute(key, (k, set) -> {
            Set<LiveSession> now = set == null ? ConcurrentHashMap.newKeySet(2) : set;
            now.add(session);
            return now;
        });
    }

    private static void remove(Map<String, Set<LiveSession>> index, String key, LiveSession session) {
        index.computeIfPresent(key, (k, set) -> {
            set.remove(session);
            return set.isEmpty() ? null : set;
        });
    }

    /** Finds a session by id and secret; the id alone opens nothing. */
    @Nullable
    LiveSession find(String id, String secret) {
        LiveSession session = byId.get(id);
        return session != null && Secrets.same(session.secret(), secret) ? session : null;
    }

    /** Tells why there is no such session, as far as whoever has its secret may know (R14). */
    ErrorCode why(String id, String secret, long now) {
        Tombstone tombstone;
        synchronized (tombstones) {
            tombstone = tombstones.get(id);
        }
        if (tombstone == null || tombstone.until() <= now || !Secrets.same(tombstone.secret(), secret)) {
            return ErrorCode.UNKNOWN;
        }
        return told(tombstone.reason());
    }

    /** Returns what whoever asks for a session is told that has ended so. */
    static ErrorCode told(CloseReason reason) {
        return switch (reason) {
            case EXPIRED -> ErrorCode.EXPIRED;
            case SLOW_CONSUMER -> ErrorCode.SLOW_CONSUMER;
            case LOST -> ErrorCode.LOST;
            case DISCONNECTED -> ErrorCode.DISCONNECTED;
            case POLICY, FORBIDDEN, UNAUTHENTICATED, INVALID_TOKEN -> ErrorCode.DENIED;
            default -> ErrorCode.UNKNOWN;
        };
    }

    @Nullable
    LiveSession get(String id) {
        return byId.get(id);
    }

    int size() {
        return count.get();
    }

    /** Goes through all sessions without a copy; those that come and go meanwhile may be missed. */
    Iterator<LiveSession> each() {
        return byId.values().iterator();
    }

    Collection<LiveSession> all() {
        return new ArrayList<>(byId.values());
    }

    List<Session> ofUser(String user) {
        return List.copyOf(byUser.getOrDefault(user, Set.of()));
    }
}
