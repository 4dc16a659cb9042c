/** Keeps a session's token fresh: before a JWT expires by its own word, and when the server asks for a new one (R75). */
import { expiry } from './environment.js';

const LONGEST = 2 ** 31 - 1;
/** Of the backoff between attempts, milliseconds. */
const CAP = 30_000;
const BASE = 500;

/** At most one refresh at a time, with the attempts that it takes. */
export class Renewal {
  #o;
  /** @type {(() => void) | undefined} what waits: the next refresh, or the next attempt */ #cancel;
  #busy = false;

  /**
   * @param {object} options
   * @param {boolean} options.able whether there is a function that gets tokens
   * @param {() => boolean} options.connected
   * @param {() => Promise<void>} options.refresh makes one attempt
   * @param {(left: number, error?: unknown) => void} options.expiring told when a token ends that could not be refreshed
   * @param {() => number} options.now
   * @param {(ms: number, run: () => void) => () => void} options.later
   * @param {() => number} options.random
   */
  constructor(options) {
    this.#o = options;
  }

  /** A token is in use: it is refreshed before it expires, if it says when that is. @param {string | undefined} token */
  expect(token) {
    this.stop();
    const end = this.#o.able && expiry(token);
    if (!end) return;
    const wait = Math.min(LONGEST, Math.max(1_000, (end - this.#o.now()) * 0.8));
    this.#cancel = this.#o.later(wait, () => this.#attempt(end, 0));
  }

  /** The server says how long the credentials still hold. @param {unknown} left milliseconds */
  asked(left) {
    const ms = typeof left === 'number' && left > 0 ? left : 0;
    if (!this.#o.able) return this.#o.expiring(ms);
    if (this.#busy) return;
    this.stop();
    this.#attempt(this.#o.now() + ms, 0);
  }

  stop() {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** @param {number} end @param {number} k */
  #attempt(end, k) {
    const { connected, refresh, expiring, now, later, random } = this.#o;
    // Without a wire, the next one to be opened gets a token of its own.
    if (!connected()) return;
    this.#busy = true;
    const done = () => {
      this.#busy = false;
    };
    refresh().then(done, (error) => {
      done();
      const left = end - now();
      expiring(Math.max(0, left), error);
      const pause = random() * Math.min(CAP, BASE * 2 ** k);
      if (connected() && pause < left) this.#cancel = later(pause, () => this.#attempt(end, k + 1));
    });
  }
}
