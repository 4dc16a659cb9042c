/** One channel of a connection: its subscription, position, members and messages. */
import { PolywireError, errorOf } from './errors.js';
import { Emitter } from './emitter.js';
import { Members } from './presence.js';
import { Stream } from './stream.js';

/** @typedef {import('./machine.js').Frame} Frame */
/** @typedef {{epoch: string, offset: number}} Position a place in a channel's history */
/** @typedef {import('./presence.js').Member} Member */
/** @typedef {import('./types.js').Subscribed} Subscribed */

/**
 * @typedef {object} Message
 * @property {string} [channel] absent when it was addressed to this session alone
 * @property {string} [event]
 * @property {any} payload
 * @property {number} timestamp
 * @property {number} [offset] exactly when stored
 * @property {Position} [position] likewise; good for a later subscribe
 * @property {string} [user]
 * @property {string} [key]
 * @property {number} [sentAt]
 * @property {string} [traceId]
 * @property {number} [attempt] 2, 3, ... when delivered again
 * @property {boolean} needsConfirm
 * @property {() => void} confirm tells the server that the message was dealt with; nothing when it did not ask
 */

/**
 * @typedef {object} Host what a channel needs of its connection
 * @property {(frame: Frame) => import('./machine.js').Entry} send
 * @property {import('./calls.js').Calls} calls
 * @property {(frame: Frame, position?: Position) => Message | undefined} message undefined when it was confirmed before
 * @property {(name: string, ...args: any[]) => void} emit
 * @property {(error: unknown) => void} thrown
 * @property {(ms: number, run: () => void) => () => void} later
 * @property {() => number} random
 * @property {() => number} now
 * @property {boolean} autoConfirm
 * @property {number} bufferLimit
 */

/** What a frame says, without what it is. @param {Frame} frame @returns {any} */
const bare = ({ type, ...rest }) => rest;

/**
 * Runs what callers often do not wait for: a failure is theirs to see, but must not end a process as an unhandled one.
 * @template T
 * @param {() => Promise<T>} run
 */
const quiet = (run) => {
  const promise = run();
  promise.catch(() => {});
  return promise;
};

const PASSING = ['rate_limited', 'unavailable', 'timeout', 'internal'];

/** A channel. Get one from `connection.channel(name)`. */
export class Channel {
  /** The position up to which messages were handed over. @type {Position | undefined} */ position;
  /** @type {any} what the application supplied on subscribing */ snapshot;
  #host;
  #members = new Members();
  #messages;
  #events;
  /** @type {Set<Stream<Message>>} */ #streams = new Set();
  /** Whether the application wants to be subscribed, across sessions. */ #wanted = false;
  /** Whether we are between `subscribed` and `unsubscribed` (R34). */ #open = false;
  /** The id of the subscribe that counts. */ #id = '';
  /** Whether that one gave a position. */ #asked = false;
  /** Whether that one was our own idea, after a lost session. */ #again = false;
  /** @type {{promise: Promise<Subscribed>, resolve: (value: Subscribed) => void, reject: (error: Error) => void} | undefined} */ #answer;
  /** @type {{state: any} | undefined} */ #own;
  /** @type {import('./types.js').TokenSource | undefined} */ #token;
  /** Whether a token is being got, and the subscribe waits for it. */ #fetching = false;

  /**
   * @param {Host} host
   * @param {string} name
   * @internal
   */
  constructor(host, name) {
    this.#host = host;
    /** The channel's name. */
    this.name = name;
    this.#messages = new Emitter(host.thrown);
    this.#events = new Emitter(host.thrown);
  }

  /** Whether the server has confirmed the subscription. */
  get subscribed() {
    return this.#open;
  }

  /** The members as last told, by join or list. @returns {Member[]} */
  get members() {
    return [...this.#members.map.values()];
  }

  /** How many members there are. */
  get count() {
    return this.#members.count;
  }

  /**
   * Subscribes; from then on the channel is kept subscribed, also in a new session.
   * @param {{position?: Position}} [options] position: go on after this message
   * @returns {Promise<Subscribed>}
   */
  subscribe({ position } = {}) {
    if (this.#wanted && this.#answer) return this.#answer.promise;
    this.#wanted = true;
    this.position = position;
    /** @type {any} */ const answer = {};
    answer.promise = new Promise((resolve, reject) => Object.assign(answer, { resolve, reject }));
    answer.promise.catch(() => {});
    this.#answer = answer;
    this._begin(false);
    return answer.promise;
  }

  /** Unsubscribes. @returns {Promise<void>} */
  unsubscribe() {
    return quiet(async () => {
      if (!this.#wanted) return;
      const said = !this.#fetching;
      this.#finish(new PolywireError('unsubscribed'));
      if (said) await this.#host.calls.ask({ type: 'unsubscribe', channels: [this.name] });
    });
  }

  /**
   * Publishes a message. With an id, given or made, it is published once however often it has to be sent.
   * @param {string | undefined} event
   * @param {any} payload
   * @param {object} [options]
   * @param {string} [options.id]
   * @param {boolean} [options.ack] false: do not wait for the server's answer, nor send again after a lost session
   * @param {boolean} [options.echo] false: do not send it to ourselves
   * @param {string} [options.key] of which only the latest matters
   * @param {boolean} [options.confirm] subscribers are to confirm it
   * @param {string} [options.traceId]
   * @param {number} [options.timeout]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<{id?: string, position?: Position, duplicate?: boolean}>}
   */
  publish(event, payload, { ack = true, timeout, signal, ...rest } = {}) {
    /** @type {Frame} */
    const frame = { type: 'publish', channel: this.name, event, payload: payload ?? null, sentAt: this.#host.now(), ...rest };
    return quiet(async () => {
      if (ack || frame.id !== undefined) return bare(await this.#host.calls.ask(frame, { timeout, signal }));
      this.#host.send(frame);
      return {};
    });
  }

  /**
   * Asks who is here, or only how many.
   * @param {{count?: boolean, timeout?: number, signal?: AbortSignal}} [options]
   * @returns {Promise<{members?: Member[], count: number, version?: number}>}
   */
  async presence({ count, ...options } = {}) {
    return bare(await this.#host.calls.ask({ type: 'presence', channel: this.name, count }, options));
  }

  /**
   * Sets our own state here, e.g. `'away'`; it is kept in a new session.
   * @param {any} state
   * @returns {Promise<void>}
   */
  setState(state) {
    this.#own = { state };
    return quiet(async () => {
      await this.#host.calls.ask({ type: 'presence', channel: this.name, state });
    });
  }

  /**
   * Reads messages from the channel's history.
   * @param {{since?: Position, limit?: number, reverse?: boolean, timeout?: number, signal?: AbortSignal}} [options]
   * @returns {Promise<{messages: Message[], position?: Position, more?: boolean}>}
   */
  async history({ since, limit, reverse, ...options } = {}) {
    return bare(await this.#host.calls.ask({ type: 'history', channel: this.name, since, limit, reverse }, options));
  }

  /**
   * Listens to messages by their event, or to all of them with `'*'`. Names that begin with a colon are the channel's own:
   * `:subscribed`, `:unsubscribed`, `:gap`, `:join`, `:leave`, `:presence`. No publisher can forge those.
   * @param {string} event
   * @param {(message: any) => any} handler
   * @returns {() => void} stops listening
   */
  on(event, handler) {
    return (event.startsWith(':') ? this.#events : this.#messages).on(event, handler);
  }

  /**
   * Messages as an async iterator; it ends with the subscription. When the loop falls behind by more than `limit`, the
   * oldest are dropped, and a `:gap` with `local: true` tells how many.
   * @param {{limit?: number}} [options]
   */
  messages({ limit = this.#host.bufferLimit } = {}) {
    /** @type {Stream<Message>} */
    const stream = new Stream(
      limit,
      (count) => this.#gap({ channel: this.name, reason: 'overflow', count, local: true }),
      () => this.#streams.delete(stream),
    );
    this.#streams.add(stream);
    return stream;
  }

  [Symbol.asyncIterator]() {
    return this.messages();
  }

  /** @internal Sets where a token for this channel comes from. @param {import('./types.js').TokenSource} source */
  _shows(source) {
    this.#token = source;
  }

  /** @internal Whether a subscribe has to wait for a token. */
  get _asks() {
    return this.#token !== undefined;
  }

  /** @internal Subscribes, with a fresh token where one is to be shown. @param {boolean} again */
  _begin(again) {
    const frame = this._request(this.#host.calls.id(), again);
    if (!this._asks) return this.#say(frame);
    this.#fetching = true;
    const current = () => this.#wanted && this.#id === frame.id;
    Promise.resolve()
      .then(() => (typeof this.#token === 'function' ? this.#token() : this.#token))
      .then((token) => {
        if (!current()) return;
        this.#fetching = false;
        this.#say(token === undefined ? frame : { ...frame, tokens: { [this.name]: token } });
        const own = again && this._own;
        if (own) this.#say(own);
      }, (error) => {
        if (!current()) return;
        this.#fetching = false;
        // Whoever hands out tokens may be away for as long as our server was.
        if (again) this.#later(500);
        else this.#finish(error);
      });
  }

  /** @param {Frame} frame */
  #say(frame) {
    try {
      this.#host.send(frame);
    } catch (error) {
      this.#finish(/** @type {Error} */ (error));
    }
  }

  /** Tries once more to be where we were. @param {number} pause */
  #later(pause) {
    const id = this.#id;
    this.#host.later(pause + this.#host.random() * 2_000, () => {
      if (this.#wanted && this.#id === id) this._begin(true);
    });
  }

  /** @internal Whether it is to be subscribed in a new session. */
  get _wanted() {
    return this.#wanted;
  }

  /**
   * @internal Begins an incarnation of the subscription.
   * @param {string} id
   * @param {boolean} again
   * @returns {Frame}
   */
  _request(id, again) {
    this.#id = id;
    this.#again = again;
    this.#asked = !!this.position;
    this.#open = false;
    this.#members.clear();
    return { type: 'subscribe', id, channels: [this.name], positions: this.position && { [this.name]: this.position } };
  }

  /** @internal Our own state, to be set again in a new session. */
  get _own() {
    return this.#own && { type: 'presence', id: this.#host.calls.id(), channel: this.name, ...this.#own };
  }

  /** @internal The connection is over. @param {Error} error */
  _end(error) {
    this.#finish(error);
  }

  /** @internal @param {Frame} frame */
  _frame(frame) {
    const { type, id } = frame;
    switch (type) {
      case 'subscribed':
        if (this.#wanted && (id === undefined ? this.#open : id === this.#id)) this.#subscribed(frame);
        return;
      case 'unsubscribed':
        // Asked for: we had closed it ourselves.
        if (id !== undefined || !this.#wanted) return;
        return this.#refused(new PolywireError(frame.reason ?? 'unsubscribed', undefined, { channel: this.name }));
      case 'error':
        if (id === this.#id && this.#wanted) this.#denied(frame);
        return;
      case 'gap':
        if (this.#wanted) this.#gap(frame);
        return;
      case 'message':
        if (this.#open) this.#message(frame);
        return;
      default:
        if (this.#open) this.#presence(frame);
    }
  }

  /** @param {Frame} frame */
  #subscribed(frame) {
    const { position, snapshot } = frame;
    const first = !this.#open;
    this.#open = true;
    if (first || !frame.already) this.position = position ?? this.position;
    this.#members.take(frame);
    if (snapshot !== undefined) this.snapshot = snapshot;
    const answer = bare(frame);
    this.#answer?.resolve(answer);
    this.#events.emit(':subscribed', answer);
    if (!first) return;
    if (this.#asked && !frame.recovered) this.#gap({ channel: this.name, reason: 'not_recovered', position });
    // Nothing says what an unstored channel missed between two sessions, so its extent is unknown.
    else if (!this.#asked && this.#again) this.#gap({ channel: this.name, reason: 'reset', position });
  }

  /** @param {Frame} frame */
  #message(frame) {
    const { offset } = frame;
    const { epoch, offset: last = -1 } = this.position ?? {};
    const position = offset === undefined || epoch === undefined ? undefined : { epoch, offset };
    // One that is delivered again has an offset from before.
    if (position && offset > last) this.position = position;
    const message = this.#host.message(frame, position);
    if (!message) return;
    const all = this.#messages.emit('*', message);
    const fine = (message.event === undefined || message.event === '*' || this.#messages.emit(message.event, message)) && all;
    for (const stream of this.#streams) stream.push(message);
    if (this.#host.autoConfirm && fine) message.confirm();
  }

  /** @param {Frame} gap */
  #gap(gap) {
    const rest = bare(gap);
    if (gap.position && !gap.local) this.position = gap.position;
    this.#events.emit(':gap', rest);
    this.#host.emit('gap', rest);
  }

  /** @param {Frame} frame */
  #presence(frame) {
    const taken = this.#members.take(frame);
    if (taken === 'jump') {
      if (this.#members.stale) return;
      this.#members.stale = true;
      this.presence().catch(() => {
        this.#members.stale = false;
      });
    } else if (taken !== 'old') this.#events.emit(':' + frame.type, bare(frame));
  }

  /** A subscribe was refused. @param {Frame} frame */
  #denied(frame) {
    // After a lost session everybody subscribes at once; it is not the application that has to try again then.
    if (this.#again && PASSING.includes(frame.code)) this.#later(frame.retryAfter ?? 500);
    else this.#refused(errorOf(frame));
  }

  /** The server does not let us be here, or no longer. @param {PolywireError} error */
  #refused(error) {
    this.#finish(error);
    this.#events.emit(':unsubscribed', { channel: this.name, reason: error.code });
    if (this.#again) this.#host.emit('error', error);
  }

  /** @param {Error} error for who still waits */
  #finish(error) {
    this.#wanted = this.#open = this.#fetching = false;
    this.#own = undefined;
    this.#members.clear();
    this.#answer?.reject(error);
    this.#answer = undefined;
    for (const stream of [...this.#streams]) stream.end();
  }
}
