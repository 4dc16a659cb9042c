package dev.polywire.session;

import dev.polywire.Principal;
import dev.polywire.Revocation;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Refusal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What was revoked on this node, and until when. Safe for all threads. */
final class Revocations {
    /** How many are kept at the most; dropping one to make room would let somebody in. */
    static final int MOST = 100_000;

    /** How often what has expired is swept out, milliseconds. */
    private static final long SWEEP = 60_000;

    private final LongSupplier clock;
    private final Map<Key, Entry> entries = new ConcurrentHashMap<>();
    private long swept;

    private enum Kind {
        USER,
        ISSUED,
        TOKEN,
        SESSION,
        /** The client of a session that was revoked. */
        CLIENT
    }

    private record Key(Kind kind, String value) {}

    /**
     * One revocation.
     *
     * @param until when it is over, by the clock
     * @param before of {@link Kind#ISSUED}: tokens up to this second are meant
     * @param client of {@link Kind#SESSION}: what else goes with it
     */
    private record Entry(long until, long before, @Nullable Key client) {}

    /**
     * Creates an empty list.
     *
     * @param clock monotonic milliseconds
     */
    Revocations(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * Adds a revocation, or changes how long it holds.
     *
     * @param session the session that is meant, or null when another thing is, or when it has ended
     * @return false when there is no room
     */
    synchronized boolean add(Revocation what, @Nullable LiveSession session, long millis) {
        long now = clock.getAsLong();
        Key key = key(what);
        if (entries.size() > MOST - 2 || now - swept > SWEEP) {
            entries.values().removeIf(entry -> entry.until() <= now);
            swept = now;
        }
        if (entries.size() > MOST - 2 && !entries.containsKey(key)) {
            return false;
        }
        long until = now + millis;
        Key client = session == null ? null : client(session.principal(), session.client());
        long before = what instanceof Revocation.Issued issued ? issued.before().getEpochSecond() : 0;
        if (client != null) {
            entries.put(client, new Entry(until, 0, null));
        }
        entries.put(key, new Entry(until, before, client));
        return true;
    }

    /** Takes one back; false when there is none. */
    synchronized boolean remove(Revocation what) {
        Entry entry = entries.remove(key(what));
        if (entry == null) {
            return false;
        }
        if (entry.client() != null) {
            entries.remove(entry.client());
        }
        return entry.until() > clock.getAsLong();
    }

    private static Key key(Revocation what) {
        if (what instanceof Revocation.User user) {
            return new Key(Kind.USER, user.id());
        } else if (what instanceof Revocation.Issued issued) {
            return new Key(Kind.ISSUED, issued.user());
        } else if (what instanceof Revocation.Token token) {
            return new Key(Kind.TOKEN, token.id());
        } else if (what instanceof Revocation.OneSession session) {
            return new Key(Kind.SESSION, session.id());
        }
        throw new IllegalArgumentException("There is no such revocation.");
    }

    private static Key client(Principal principal, String nonce) {
        return new Key(Kind.CLIENT, ClientKey.of(principal, nonce));
    }

    /** Tells whether a revocation means somebody; that of a session means none but that one. */
    static boolean meant(Revocation what, Principal principal) {
        if (what instanceof Revocation.User user) {
            return user.id().equals(principal.id());
        } else if (what instanceof Revocation.Issued issued) {
            return issued.user().equals(principal.id())
                    && before(principal, issued.before().getEpochSecond());
        } else if (what instanceof Revocation.Token token) {
            return token.id().equals(principal.claims().getValue("jti"));
        }
        return false;
    }

    private static boolean before(Principal principal, long second) {
        return !(principal.claims().getValue("iat") instanceof Number issued && issued.longValue() > second);
    }

    /** Tells whether somebody may not come in, or stay. */
    boolean cover(Principal principal, @Nullable String nonce) {
        if (entries.isEmpty()) {
            return false;
        }
        String user = principal.id();
        return user != null && (live(new Key(Kind.USER, user)) != null || issued(principal, user))
                || principal.claims().getValue("jti") instanceof String token
                        && live(new Key(Kind.TOKEN, token)) != null
                || nonce != null && live(client(principal, nonce)) != null;
    }

    boolean cover(LiveSession session) {
        return !entries.isEmpty()
                && (live(new Key(Kind.SESSION, session.id())) != null || cover(session.principal(), session.client()));
    }

    private boolean issued(Principal principal, String user) {
        Entry entry = live(new Key(Kind.ISSUED, user));
        return entry != null && before(principal, entry.before());
    }

    private @Nullable Entry live(Key key) {
        Entry entry = entries.get(key);
        return entry == null || entry.until() <= clock.getAsLong() ? null : entry;
    }

    /** Throws a {@link Refusal} when somebody may not come in. */
    void refuse(Principal principal, @Nullable String nonce) {
        if (cover(principal, nonce)) {
            throw new Refusal(ErrorCode.FORBIDDEN, CloseReason.FORBIDDEN, "Access has been revoked.");
        }
    }

    /** Returns how many are kept, expired ones that are not swept yet included. */
    int size() {
        return entries.size();
    }
}
