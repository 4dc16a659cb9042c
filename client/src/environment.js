/** What the place offers where the client runs: browsers, workers and Node differ, and none of it is required. */

/** Before the URL: one origin may have several servers. */
const KEY = 'polywire.transport ';
const HOUR = 3_600_000;
/** By URL, a name and until when it counts. @type {Map<string, string>} */
const memory = new Map();
/** @type {any} */
export const place = globalThis;

/** Uses the page's storage, if there is one. @param {(storage: any) => any} use */
const stored = (use) => {
  try {
    // Node 22 and later warn at the mere sight of localStorage.
    return place.document && use(place.localStorage);
  } catch {
    // Denied (reading the property alone may throw), private mode or a full store; memory has to do.
  }
};

/**
 * The wire that worked the last time.
 * @param {string} url
 */
export function recall(url) {
  const [name, until] = (memory.get(url) ?? stored((storage) => storage.getItem(KEY + url)) ?? '').split(' ');
  return Number(until) > Date.now() ? name : undefined;
}

/**
 * Remembers the name of the wire that works, and nothing else (R3).
 * @param {string} url
 * @param {string} name
 */
export function remember(url, name) {
  const known = `${name} ${Date.now() + HOUR}`;
  memory.set(url, known);
  stored((storage) => storage.setItem(KEY + url, known));
}

/**
 * Listens to the page: `wake` when the network or the user is back, `leave` when the page goes for good.
 * @param {() => void} wake
 * @param {() => void} leave
 * @returns {() => void} stops listening
 */
export function watchPage(wake, leave) {
  const stop = new AbortController();
  const heard = (/** @type {any} */ { type, persisted }) => {
    // A page kept for "back" is not gone; its session lives for a grace.
    if (type === 'pagehide') persisted || leave();
    else if (!place.document?.hidden) wake();
  };
  for (const event of ['online', 'visibilitychange', 'pagehide']) place.addEventListener?.(event, heard, { signal: stop.signal });
  return () => stop.abort();
}

/** A random nonce for this instance of the client (R4). */
export function nonce() {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}

/**
 * For how many milliseconds a JWT that was just got holds; nothing, or NaN, for any other token. Where it tells when it was made,
 * that is a matter of the issuer's clock alone: ours may be wrong.
 * @param {string | undefined} token
 * @param {number} now
 */
export function lifetime(token, now) {
  try {
    const { exp, iat = now / 1000 } = JSON.parse(atob((token ?? '').split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));
    return (exp - iat) * 1000;
  } catch {
    // not a JWT, or none that we can read
  }
}

/** A longer pause than a timer can take would be none. */
const LONGEST = 2 ** 31 - 1;

/** Runs something later. @param {number} ms @param {() => void} run @returns {() => void} */
export function later(ms, run) {
  const timer = setTimeout(run, Math.min(ms, LONGEST));
  return () => clearTimeout(timer);
}
