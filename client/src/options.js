/** What the application chooses, and what the place offers where it chooses nothing. */
import { later } from './environment.js';
import { longpoll } from './longpoll.js';
import { sse } from './sse.js';
import { websocket } from './websocket.js';

/**
 * @typedef {object} Options
 * @property {string | (() => string | undefined | Promise<string | undefined>)} [token] a bearer token, or what gets one; a
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
 * @property {RequestCredentials} [credentials] of HTTP requests; default `same-origin`
 * @property {boolean | ((what: string, detail?: unknown) => void)} [debug]
 * @property {{now: () => number, later: (ms: number, run: () => void) => () => void, random: () => number}} [clock] time and
 *   chance, for tests
 * @property {any} [WebSocket] constructor, where there is no global one
 * @property {any} [fetch] likewise
 */

/** All wires, in our order of preference. */
export const WIRES = { websocket, sse, longpoll };

const CLOCK = { now: Date.now, later, random: Math.random };

/**
 * The clock, the wires that can be used here, best first, and what they are made with.
 * @param {Options} options
 */
export function chosen(options) {
  const place = /** @type {any} */ (globalThis);
  const WebSocket = options.WebSocket ?? place.WebSocket;
  const fetch = options.fetch ?? place.fetch?.bind(place);
  const known = Object.keys(WIRES);
  const unknown = options.transports?.find((name) => !known.includes(name));
  if (unknown) throw new TypeError(`no transport is called ${unknown}`);
  const transports = (options.transports ?? known).filter((name) => (name === 'websocket' ? WebSocket : fetch));
  if (!transports.length) throw new TypeError('none of the transports can be used here');
  return { clock: options.clock ?? CLOCK, transports, WebSocket, fetch };
}
