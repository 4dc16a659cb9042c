/** What the application chooses, and what the place offers where it chooses nothing. */
import { later, nonce, place, recall } from './environment.js';
import { longpoll } from './longpoll.js';
import { sse } from './sse.js';
import { websocket } from './websocket.js';

/**
 * @typedef {object} Options
 * @property {import('./async.js').TokenSource} [token] a bearer token, or what gets one; a
 *   function is asked for each wire that is opened, and before a JWT expires
 * @property {string[]} [transports] names, best first: `websocket`, `sse`, `longpoll`; default: all, in the server's order
 * @property {unknown} [capabilities] told to the server in `hello`
 * @property {number} [maxAttempts] failed attempts in a row after which the state becomes `failed`; default: no end
 * @property {number} [queueLimit] frames that may wait while there is no wire; default 1000. With one, 10 000 may be on their way
 * @property {number} [bufferLimit] messages that may wait for a `for await` loop; default 1000
 * @property {boolean} [autoConfirm] confirm messages that ask for it once their handlers returned
 * @property {number} [upgradeAfter] milliseconds until a better wire is probed for; default 20 s, doubled by failures
 * @property {number} [welcomeTimeout] milliseconds within which a wire has to show that it works; default 10 s
 * @property {boolean} [remember] false: do not remember which wire worked
 * @property {'omit' | 'same-origin' | 'include'} [credentials] of HTTP requests; default `same-origin`
 * @property {boolean | ((what: string, detail?: unknown) => void)} [debug]
 * @property {{now: () => number, later: (ms: number, run: () => void) => () => void, random: () => number}} [clock] time and
 *   chance, for tests
 * @property {any} [WebSocket] constructor, where there is no global one
 * @property {any} [fetch] likewise
 * @property {AbortSignal} [signal] closes the connection when it is aborted
 */

const CLOCK = { now: Date.now, later, random: Math.random };

/** All wires, in our order of preference. */
const wires = { websocket, sse, longpoll };

/**
 * The options with what they leave open: among that, the wires that can be used here, best first.
 * @param {string} url
 * @param {Options} options
 */
export function chosen(url, options) {
  const { clock = CLOCK, transports = Object.keys(wires), remember = true, debug } = options;
  const { WebSocket = place.WebSocket, fetch = place.fetch?.bind(place) } = options;
  const usable = transports.filter((name) => {
    if (!(name in wires)) throw new TypeError(`unknown transport ${name}`);
    return name === 'websocket' ? WebSocket : fetch;
  });
  if (!usable.length) throw new TypeError('no usable transport');
  return {
    ...options, ...clock, url, client: nonce(), wires, WebSocket, fetch, remember, transports: usable, fixed: !!options.transports,
    remembered: remember ? recall(url) : undefined,
    debug: debug === true ? console.debug.bind(console, '[polywire]') : debug || undefined,
  };
}
