package dev.polywire.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** When to try again, and on which wire. Pure: the time comes in as an argument, chance as a function. For one thread at a time. */
final class Policy {
    private static final long BASE = 500;
    private static final long CAP = 30_000;
    /** A connection counts as stable when it has stayed this long after its welcome (R41). */
    private static final long STABLE = 5_000;
    /** An upgrade was worth it when its wire has lasted this long. */
    private static final long LASTING = 60_000;

    private static final long PROBE_CAP = 600_000;

    /** The next attempt. */
    record Next(String wire, long delay) {}

    private final List<String> mine;
    private final boolean fixed;
    private final DoubleSupplier random;
    private final int maxAttempts;
    private final long upgradeAfter;
    private final @Nullable String remembered;
    /** The order without the pin. */
    private List<String> base;
    /** The wires, best first. */
    private List<String> order;

    private @Nullable String pinned;
    /** Attempts that had to wait, since a connection was last stable. */
    private int waits;
    /** Attempts since the last welcome. */
    private int attempts;
    /** Upgrades that failed in a row. */
    private int probes;
    /** Wires that may be tried once without waiting (R19). */
    private Set<String> free = new HashSet<>();
    /** Failures of each wire since one was stable. */
    private final Map<String, Integer> strikes = new HashMap<>();
    /** When the wire in use was welcomed, or -1. */
    private long since = -1;

    private @Nullable String name;

    /**
     * @param transports in order of preference
     * @param fixed the order is the application's, not to be changed by the server's
     * @param random from 0 to 1
     * @param maxAttempts failed attempts in a row after which there is no other; 0 for no end
     * @param upgradeAfter milliseconds
     * @param remembered what worked the last time
     */
    Policy(
            List<String> transports,
            boolean fixed,
            DoubleSupplier random,
            int maxAttempts,
            long upgradeAfter,
            @Nullable String remembered) {
        this.mine = transports;
        this.fixed = fixed;
        this.random = random;
        this.maxAttempts = maxAttempts;
        this.upgradeAfter = upgradeAfter;
        this.remembered = remembered;
        base = transports;
        order = transports;
    }

    /** Full jitter, applied after the cap (R41). */
    static double backoff(int k, DoubleSupplier random) {
        return random.getAsDouble() * Math.min(CAP, BASE * Math.pow(2, k));
    }

    List<String> order() {
        return order;
    }

    @Nullable
    String pinned() {
        return pinned;
    }

    /** Returns the first wire to be tried. */
    String first() {
        return remembered != null && order.contains(remembered) ? remembered : order.get(0);
    }

    /** The server says which wires it has, in order of preference. */
    void offered(@Nullable List<?> names) {
        if (names == null) {
            return;
        }
        List<String> both = new ArrayList<>();
        if (fixed) {
            mine.stream().filter(names::contains).forEach(both::add);
        } else {
            names.stream().map(String::valueOf).filter(mine::contains).forEach(both::add);
        }
        if (!both.isEmpty()) {
            base = List.copyOf(both);
        }
        pin(pinned);
    }

    /** Prefers one wire to all others, or with null none any more. */
    void pin(@Nullable String wire) {
        pinned = wire;
        if (wire == null) {
            order = base;
            return;
        }
        List<String> all = new ArrayList<>(List.of(wire));
        base.stream().filter(other -> !other.equals(wire)).forEach(all::add);
        order = List.copyOf(all);
    }

    /** A welcome came. */
    void welcomed(long now, String wire) {
        since = now;
        name = wire;
        attempts = 0;
    }

    /** A wire failed, before or after its welcome: what next, or null for nothing any more. */
    @Nullable
    Next failed(String wire, long now, Failure why) {
        boolean worked = since >= 0;
        // "Had worked" needs more than a welcome, or a server that greets and hangs up would be tried without a pause.
        if (worked && now - since >= STABLE) {
            waits = 0;
            free = new HashSet<>(order);
            strikes.clear();
            if (now - since >= LASTING && wire.equals(name)) {
                probes = 0;
            }
        }
        since = -1;
        if (worked) {
            attempts = 0;
        } else if (++attempts >= maxAttempts && maxAttempts > 0) {
            return null;
        }
        int struck = strikes.merge(wire, why.cut() ? 0 : 1, Integer::sum);
        // Once, a wire that had worked is tried again itself: most cuts are the network's, not the wire's.
        boolean again = worked && !why.silent() && struck < 2 && order.contains(wire);
        String next = again ? wire : order.get((order.indexOf(wire) + 1) % order.size());
        boolean atOnce = free.remove(next) && why.retryAfter() == 0;
        double wait = atOnce ? 0 : backoff(waits++, random);
        // Everyone may have been told the same retryAfter; the jitter goes on top of it.
        return new Next(next, why.retryAfter() + Math.round(wait));
    }

    /** Returns the next better wire to be probed, or null when the one in use is the best. */
    @Nullable
    String better(String wire) {
        int at = order.indexOf(wire);
        return at > 0 ? order.get(probes % at) : null;
    }

    /** Returns how long to wait before probing for a better wire. */
    long probeDelay() {
        return Math.round(Math.min(PROBE_CAP, upgradeAfter * Math.pow(2, probes)) * (0.5 + random.getAsDouble() / 2));
    }

    /** An upgrade failed: the next one waits longer. */
    void probeFailed() {
        probes++;
    }
}
