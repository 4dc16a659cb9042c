/** Keeps a session's token fresh: before a JWT expires by its own word, and when the server asks for a new one (R75). */
import { lifetime } from './environment.js';
import { pauseOf } from './errors.js';
import { backoff } from './policy.js';

const SHORT = 10_000;
const LONGEST = 600_000;

/**
 * At most one refresh at a time, with the attempts that it takes.
 * @param {object} options
 * @param {unknown} [options.token] only a function gets new ones
 * @param {() => number} options.now
 * @param {(ms: number, run: () => void) => () => void} options.later
 * @param {() => number} options.random
 * @param {() => boolean} connected
 * @param {() => Promise<void>} refresh makes one attempt
 * @param {(left: number, error?: unknown) => void} expiring told when a token ends that could not be refreshed
 */
export function renewal({ token, now, later, random }, connected, refresh, expiring) {
  const able = typeof token === 'function';
  let busy = false;
  /** What waits: the next refresh, or the next attempt. */
  let stop = () => {};
  /** No refresh comes sooner: longer and longer while tokens look old when they are new, as they do where our clock is ahead. */
  let floor = 1_000;

  const attempt = (/** @type {number} */ end, k = 0) => {
    // Without a wire, the next one to be opened gets a token of its own.
    if (!connected()) return;
    busy = true;
    const done = () => {
      busy = false;
    };
    refresh().then(done, (error) => {
      done();
      const left = end - now();
      expiring(Math.max(0, left), error);
      const pause = backoff(k, random);
      if (connected() && pause < left) stop = later(pause, () => attempt(end, k + 1));
    });
  };

  return {
    stop: () => stop(),

    /** A token is in use: it is refreshed before it expires, if it says when that is. @param {string | undefined} fresh */
    expect(fresh) {
      stop();
      const left = able && lifetime(fresh, now());
      if (!left) return;
      const end = now() + left;
      stop = later(Math.max(floor, left * 0.8), () => attempt(end));
      floor = left > SHORT ? 1_000 : Math.min(floor * 2, LONGEST);
    },

    /** The server says how long the credentials still hold. @param {unknown} left milliseconds */
    asked(left) {
      const ms = pauseOf(left) ?? 0;
      if (!able) return expiring(ms);
      if (busy) return;
      stop();
      attempt(now() + ms);
    },
  };
}
