package dev.polywire.session;

import dev.polywire.Principal;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tickets: credentials for one use within a moment, for who cannot send a header. Kept by their hash, as many as there may be, on
 * the node that has handed them out. Safe for all threads.
 */
final class Tickets {
    private final LongSupplier clock;
    private final long lifetime;
    private final int most;
    /** The oldest first, which end first, too. */
    private final Map<String, Ticket> unused = new LinkedHashMap<>();

    private record Ticket(Principal principal, long until) {}

    /**
     * Creates an empty store.
     *
     * @param clock monotonic milliseconds
     * @param lifetime for how long a ticket can be used, milliseconds
     * @param most how many there may be
     */
    Tickets(LongSupplier clock, long lifetime, int most) {
        this.clock = clock;
        this.lifetime = lifetime;
        this.most = most;
    }

    long lifetime() {
        return lifetime;
    }

    /** Tells whether a token is a ticket, so that no application's authenticator is to see it. */
    static boolean is(@Nullable String token) {
        return token != null && token.startsWith(Handshake.TICKET);
    }

    /** Hands out a ticket of somebody; throws a {@link Refusal} when there are too many. */
    String issue(Principal principal) {
        String ticket = Handshake.TICKET + Secrets.token();
        long now = clock.getAsLong();
        synchronized (unused) {
            sweep(now);
            if (unused.size() >= most) {
                throw new Refusal(
                        ErrorCode.UNAVAILABLE, CloseReason.TRY_LATER, "Too many tickets are unused.", 1000, -1, null);
            }
            unused.put(Secrets.hash(ticket), new Ticket(principal, now + lifetime));
        }
        return ticket;
    }

    /** Takes a ticket for whom it was handed out to; null when there is no such one (any more). */
    @Nullable
    Principal redeem(String ticket) {
        String hash = Secrets.hash(ticket);
        synchronized (unused) {
            sweep(clock.getAsLong());
            Ticket found = unused.remove(hash);
            return found == null ? null : found.principal();
        }
    }

    /** Returns whom a ticket was handed out to that could be used now, and still can afterwards; null when it could not. */
    @Nullable
    Principal holder(String ticket) {
        String hash = Secrets.hash(ticket);
        synchronized (unused) {
            sweep(clock.getAsLong());
            Ticket found = unused.get(hash);
            return found == null ? null : found.principal();
        }
    }

    int size() {
        synchronized (unused) {
            return unused.size();
        }
    }

    private void sweep(long now) {
        Iterator<Ticket> oldest = unused.values().iterator();
        while (oldest.hasNext() && oldest.next().until() <= now) {
            oldest.remove();
        }
    }
}
