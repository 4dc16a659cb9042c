/**
 * When to try again, and on which wire. Pure: the time comes in as an argument, chance as a function.
 */
const BASE = 500;
const CAP = 30_000;
/** A connection counts as stable when it has stayed this long after its welcome (R41). */
const STABLE = 5_000;
/** An upgrade was worth it when its wire has lasted this long. */
const LASTING = 60_000;
const PROBE_CAP = 600_000;

/**
 * Full jitter, applied after the cap (R41).
 * @param {number} k attempts before this one
 * @param {() => number} random
 */
export const backoff = (k, random) => random() * Math.min(CAP, BASE * 2 ** k);

/** @typedef {ReturnType<typeof policy>} Policy */

/**
 * Chooses wires and delays.
 * @param {object} options
 * @param {string[]} options.transports in order of preference
 * @param {boolean} [options.fixed] the order is the application's, not to be changed by the server's
 * @param {() => number} options.random
 * @param {number} [options.maxAttempts]
 * @param {number} [options.upgradeAfter]
 * @param {string} [options.remembered] what worked the last time
 */
export function policy({ transports, fixed, random, maxAttempts = Infinity, upgradeAfter = 20_000, remembered = '' }) {
  /** Attempts that had to wait, since a connection was last stable. */
  let waits = 0;
  /** Attempts that did not have to wait as long, as the network or the page was back. */
  let hurries = 0;
  /** Attempts since the last welcome. */
  let attempts = 0;
  /** Upgrades that failed in a row. */
  let probes = 0;
  /** Wires that may be tried once without waiting (R19). @type {Set<string>} */
  let free = new Set();
  /** Failures of each wire since one was stable. @type {Map<string, number>} */
  const strikes = new Map();
  /** When the wire in use was welcomed. */
  let since = NaN;
  /** That wire. @type {string | undefined} */
  let welcomed;
  /** The order without the pin. */
  let base = transports;

  const self = {
    /** The wires, best first. */
    order: base,
    /** @type {string | undefined} */ pinned: undefined,

    /** The first wire to be tried. */
    first: () => (self.order.includes(remembered) ? remembered : self.order[0]),

    /**
     * The server says which wires it has, in order of preference.
     * @param {unknown} names
     */
    offered(names) {
      if (!Array.isArray(names)) return;
      const [from, by] = fixed ? [transports, names] : [names, transports];
      const both = from.filter((name) => by.includes(name));
      if (both.length) base = both;
      self.pin(self.pinned);
    },

    /** Prefers one wire to all others, or none any more. @param {string} [name] */
    pin(name) {
      self.pinned = name;
      self.order = name ? [name, ...base.filter((n) => n !== name)] : base;
    },

    /**
     * A welcome came.
     * @param {number} now
     * @param {string} name the wire
     * @param {unknown} [names] which wires the server has
     */
    welcomed(now, name, names) {
      self.offered(names);
      since = now;
      welcomed = name;
      attempts = 0;
    },

    /**
     * A wire failed, before or after its welcome: what next, or nothing any more.
     * @param {string} name
     * @param {number} now
     * @param {{retryAfter?: number, code?: string}} [why] `silent`: nothing was heard in time; `dropped`: by our own wish
     * @returns {{wire: string, delay: number} | undefined}
     */
    failed(name, now, { retryAfter = 0, code } = {}) {
      const { order } = self;
      // NaN, and no more than anything, when it had not worked.
      const lasted = now - since;
      const worked = !isNaN(lasted);
      // "Had worked" needs more than a welcome, or a server that greets and hangs up would be tried without a pause.
      if (lasted >= STABLE) {
        waits = hurries = 0;
        free = new Set(order);
        strikes.clear();
        if (lasted >= LASTING && name === welcomed) probes = 0;
      }
      since = NaN;
      if (worked) attempts = 0;
      else if (++attempts >= maxAttempts) return;

      const strike = (strikes.get(name) ?? 0) + (code === 'dropped' ? 0 : 1);
      strikes.set(name, strike);
      // Once, a wire that had worked is tried again itself: most cuts are the network's, not the wire's.
      const again = worked && code !== 'silent' && strike < 2 && order.includes(name);
      const wire = again ? name : order[(order.indexOf(name) + 1) % order.length];
      const unpaid = free.delete(wire) && !retryAfter;
      // Everyone may have been told the same retryAfter; the jitter goes on top of it.
      return { wire, delay: retryAfter + (unpaid ? 0 : backoff(waits++, random)) };
    },

    /**
     * How long to wait when the network or the page is back: it may be for everybody, so not nothing; and one that comes and
     * goes must not make attempts more frequent than the backoff does.
     */
    hurry: () => backoff(hurries, () => 1 + random()),

    /** An attempt was brought forward. */
    hurried() {
      hurries++;
    },

    /**
     * The next better wire to be probed, or undefined when the one in use is the best.
     * @param {string} name
     */
    better(name) {
      const at = self.order.indexOf(name);
      return at > 0 ? self.order[probes % at] : undefined;
    },

    /** How long to wait before probing for a better wire. */
    probeDelay: () => Math.min(PROBE_CAP, upgradeAfter * 2 ** probes) * (0.5 + random() / 2),

    /** An upgrade failed: the next one waits longer. */
    probeFailed() {
      probes++;
    },
  };
  return self;
}
