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

/** Chooses wires and delays. */
export class Policy {
  /** Attempts that had to wait, since a connection was last stable. */ #k = 0;
  /** Attempts that did not have to wait as long, as the network or the page was back. */ #hurries = 0;
  /** Attempts since the last welcome. */ #attempts = 0;
  /** Upgrades that failed in a row. */ #probes = 0;
  /** Wires that may be tried once without waiting (R19). @type {Set<string>} */ #free = new Set();
  /** Failures of each wire since one was stable. @type {Map<string, number>} */ #strikes = new Map();
  /** When the wire in use was welcomed. @type {number | undefined} */ #since;
  /** That wire. @type {string | undefined} */ #name;
  /** @type {string | undefined} */ pinned;
  #mine;
  /** The order without the pin. @type {string[]} */ #base;
  #options;

  /**
   * @param {object} options
   * @param {string[]} options.transports in order of preference
   * @param {boolean} [options.fixed] the order is the application's, not to be changed by the server's
   * @param {() => number} options.random
   * @param {number} [options.maxAttempts]
   * @param {number} [options.upgradeAfter]
   * @param {string} [options.remembered] what worked the last time
   */
  constructor(options) {
    this.#options = options;
    this.#mine = options.transports;
    /** @type {string[]} the wires, best first */
    this.order = this.#base = this.#mine;
  }

  /** The first wire to be tried. */
  first() {
    const { remembered } = this.#options;
    return remembered && this.order.includes(remembered) ? remembered : this.order[0];
  }

  /**
   * The server says which wires it has, in order of preference.
   * @param {unknown} names
   */
  offered(names) {
    if (!Array.isArray(names)) return;
    const both = this.#options.fixed ? this.#mine.filter((n) => names.includes(n)) : names.filter((n) => this.#mine.includes(n));
    if (both.length) this.#base = both;
    this.pin(this.pinned);
  }

  /** Prefers one wire to all others, or none any more. @param {string} [name] */
  pin(name) {
    this.pinned = name;
    this.order = name ? [name, ...this.#base.filter((n) => n !== name)] : this.#base;
  }

  /**
   * A welcome came.
   * @param {number} now
   * @param {string} name the wire
   */
  welcomed(now, name) {
    this.#since = now;
    this.#name = name;
    this.#attempts = 0;
  }

  /**
   * A wire failed, before or after its welcome: what next, or nothing any more.
   * @param {string} name
   * @param {number} now
   * @param {{retryAfter?: number, silent?: boolean, cut?: boolean}} [why]
   * @returns {{wire: string, delay: number} | undefined}
   */
  failed(name, now, why = {}) {
    const { maxAttempts = Infinity, random } = this.#options;
    const worked = this.#since !== undefined;
    // "Had worked" needs more than a welcome, or a server that greets and hangs up would be tried without a pause.
    if (worked && now - /** @type {number} */ (this.#since) >= STABLE) {
      this.#k = this.#hurries = 0;
      this.#free = new Set(this.order);
      this.#strikes.clear();
      if (now - /** @type {number} */ (this.#since) >= LASTING && name === this.#name) this.#probes = 0;
    }
    this.#since = undefined;
    if (worked) this.#attempts = 0;
    else if (++this.#attempts >= maxAttempts) return;

    const strikes = (this.#strikes.get(name) ?? 0) + (why.cut ? 0 : 1);
    this.#strikes.set(name, strikes);
    // Once, a wire that had worked is tried again itself: most cuts are the network's, not the wire's.
    const again = worked && !why.silent && strikes < 2 && this.order.includes(name);
    const wire = again ? name : this.order[(this.order.indexOf(name) + 1) % this.order.length];
    const free = this.#free.delete(wire) && !why.retryAfter;
    const wait = free ? 0 : backoff(this.#k++, random);
    // Everyone may have been told the same retryAfter; the jitter goes on top of it.
    return { wire, delay: (why.retryAfter ?? 0) + wait };
  }

  /**
   * How long to wait when the network or the page is back: it may be for everybody, so not nothing; and one that comes and
   * goes must not make attempts more frequent than the backoff does.
   */
  hurry() {
    return Math.min(CAP, BASE * 2 ** this.#hurries) * (1 + this.#options.random());
  }

  /** An attempt was brought forward. */
  hurried() {
    this.#hurries++;
  }

  /**
   * The next better wire to be probed, or undefined when the one in use is the best.
   * @param {string} name
   */
  better(name) {
    const at = this.order.indexOf(name);
    return at > 0 ? this.order[this.#probes % at] : undefined;
  }

  /** How long to wait before probing for a better wire. */
  probeDelay() {
    const { upgradeAfter = 20_000, random } = this.#options;
    return Math.min(PROBE_CAP, upgradeAfter * 2 ** this.#probes) * (0.5 + random() / 2);
  }

  /** An upgrade failed: the next one waits longer. */
  probeFailed() {
    this.#probes++;
  }
}
