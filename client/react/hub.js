/** The connection of a provider, and who needs it. */
import { connect } from '@polywire/client';
import { topicOf } from './topic.js';

/** @typedef {import('@polywire/client').Connection} Connection */
/** @typedef {import('@polywire/client').PolywireError} PolywireError */
/** @typedef {import('@polywire/client').Options} Options of `connect` */
/** @typedef {import('./topic.js').Joining} Joining */

/**
 * @typedef {object} ConnectionView what a component sees of the connection; a new object with every change
 * @property {Connection} [connection] absent on a server, and until the first effects have run
 * @property {Connection['state']} state
 * @property {string} [transport] the wire in use
 * @property {string} [sessionId]
 * @property {string | null} user who the server says we are
 * @property {PolywireError} [error] why there is no connection, as last told
 */

/** What is seen where there is no connection yet, which is also what a server renders. @type {ConnectionView} */
export const BEFORE = Object.freeze({ state: 'connecting', user: null });

/**
 * @param {Connection | undefined} connection
 * @param {PolywireError} [error]
 * @returns {ConnectionView}
 */
function viewOf(connection, error) {
  if (!connection) return BEFORE;
  const { state, transport, sessionId, user } = connection;
  return { connection, state, transport, sessionId, user, error: state === 'connected' ? undefined : error };
}

/**
 * Opens the connection for the first who holds it and closes it after the last. To make one opens nothing, so that React
 * may do so in a render that comes to nothing.
 */
export class Hub {
  /** Of these the token function is asked as it is at the time, the others are read on opening. @type {Options} */ options = {};
  /** @type {Connection | undefined} */ connection;
  /** @type {ConnectionView} */ view;
  /** @type {Set<() => void>} */ #listeners = new Set();
  /** @type {(() => void)[]} */ #stops = [];
  #holders = 0;
  #url;
  #given;

  /**
   * @param {string | undefined} url
   * @param {Connection | undefined} given one that is not ours to open or to close
   */
  constructor(url, given) {
    this.#url = url;
    this.#given = given;
    this.view = viewOf(given);
  }

  /** Keeps the connection open. @returns {() => void} lets go of it */
  hold() {
    this.#holders++;
    if (!this.connection) this.#open();
    return once(() => {
      // Not at once: in StrictMode, and when a tree is moved, whoever lets go comes back in the same turn.
      if (--this.#holders === 0) setTimeout(() => this.#holders === 0 && this.#close());
    });
  }

  /** Holds the connection and hears of its changes. @param {() => void} listener */
  subscribe = (listener) => {
    this.#listeners.add(listener);
    const release = this.hold();
    return () => {
      this.#listeners.delete(listener);
      release();
    };
  };

  /**
   * Holds the connection and a channel's subscription.
   * @param {string} name
   * @param {Joining} how
   * @returns {() => void} leaves
   */
  join(name, how) {
    const release = this.hold();
    const leave = topicOf(/** @type {Connection} */ (this.connection), name).join(how);
    return () => {
      leave();
      release();
    };
  }

  #open() {
    const { token, ...options } = this.options;
    const connection = (this.connection = this.#given ?? connect(this.#url, {
      ...options,
      token: typeof token === 'function' ? () => {
        const { token: latest } = this.options;
        return typeof latest === 'function' ? latest() : latest;
      } : token,
    }));
    this.#stops = /** @type {const} */ (['state', 'transport', 'reset']).map((event) => connection.on(event, (detail) => this.#look('error' in detail ? detail.error : undefined)));
    this.#look();
  }

  #close() {
    const { connection } = this;
    if (!connection) return;
    for (const stop of this.#stops) stop();
    this.connection = undefined;
    this.#look();
    if (!this.#given) void connection.close();
  }

  /** @param {PolywireError} [error] */
  #look(error) {
    this.view = viewOf(this.connection ?? this.#given, error ?? this.view.error);
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Runs it the first time only. @param {() => void} run */
export function once(run) {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
