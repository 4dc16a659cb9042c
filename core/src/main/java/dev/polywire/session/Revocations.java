package dev.polywire.session;

import dev.polywire.Principal;
import dev.polywire.Revocation;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Refusal;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
     * @param client the client of the session that is meant, as {@link #client(LiveSession)} names it, or null when another thing is meant, or when that has ended
     * @return false when there is no room
     */
    synchronized boolean add(Revocation what, @Nullable String client, long millis) {
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
        Key goesAlong = client == null ? null : new Key(Kind.CLIENT, client);
        long before = what instanceof Revocation.Issued issued ? issued.before().getEpochSecond() : 0;
        if (goesAlong != null) {
            entries.put(goesAlong, new Entry(until, 0, null));
        }
        entries.put(key, new Entry(until, before, goesAlong));
        return true;
    }

    /** Adds a revocation that another node tells of, unless it is known here already. */
    synchronized void learn(Revocation what, @Nullable String client, long millis) {
        if (live(key(what)) == null) {
            add(what, client, millis);
        }
    }

    /** Returns those that fall into one of so many slices, as they are told to other nodes. */
    List<JsonObject> slice(int slice, int of) {
        long now = clock.getAsLong();
        List<JsonObject> list = new ArrayList<>();
        entries.forEach((key, entry) -> {
            long left = entry.until() - now;
            if (left > 0
                    && key.kind() != Kind.CLIENT
                    && Math.floorMod(key.value().hashCode(), of) == slice) {
                Key client = entry.client();
                list.add(RevocationJson.write(what(key, entry), client == null ? null : client.value(), left));
            }
        });
        return list;
    }

    private static Revocation what(Key key, Entry entry) {
        return switch (key.kind()) {
            case USER -> new Revocation.User(key.value());
            case ISSUED -> new Revocation.Issued(key.value(), Instant.ofEpochSecond(entry.before()));
            case TOKEN -> new Revocation.Token(key.value());
            case SESSION -> new Revocation.OneSession(key.value());
            case CLIENT -> throw new IllegalStateException("It goes along with a session.");
        };
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

    /** Names the client of a session. */
    static String client(LiveSession session) {
        return client(session.principal(), session.client()).value();
    }

    private static Key client(Principal principal, String nonce) {
        String user = principal.id();
        return new Key(Kind.CLIENT, (user == null ? "" : user) + '\n' + nonce);
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
