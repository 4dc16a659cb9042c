/**
 * Polywire's client: one session over WebSocket, Server-Sent Events or long polling, changing between them without
 * loss, repeat or disorder. See docs/protocol.md.
 */
import { Calls } from './calls.js';
import { Channel } from './channel.js';
import { Emitter } from './emitter.js';
import { Engine } from './engine.js';
import { expiry, later, nonce, recall, remember, watchPage } from './environment.js';
import { PolywireError, errorOf } from './errors.js';
import { longpoll } from './longpoll.js';
import { Policy } from './policy.js';
import { sse } from './sse.js';
import { websocket } from './websocket.js';

export { Channel, PolywireError };

/** @typedef {import('./machine.js').Frame} Frame */
/** @typedef {import('./channel.js').Message} Message */
/** @typedef {import('./channel.js').Position} Position */
/** @typedef {import('./types.js').State} State */

/**
 * @typedef {object} Options
 * @property {string | (() => string | undefined | Promise<string | undefined>)} [token] a bearer token, or what gets one; a
 *   function is asked for each wire that is opened, and before a JWT expires
 * @property {string[]} [transports] names, best first: `websocket`, `sse`, `longpoll`; default: all, in the server's order
 * @property {unknown} [capabilities] told to the server in `hello`
 * @property {number} [maxAttempts] failed attempts in a row after which the state becomes `failed`; default: no end
 * @property {number} [queueLimit] frames that may wait while there is no wire; default 1000
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

const WIRES = { websocket, sse, longpoll };
const CLOCK = { now: Date.now, later, random: Math.random };
const CHUNK = 100;
const CONFIRMED = 500;

/** A connection: a session and the wire it has at the moment. */
export class Connection {
  #engine;
  #calls;
  #options;
  #clock;
  #policy;
  #url;
  #emitter = new Emitter((error) => this.#thrown(error));
  /** @type {Map<string, Channel>} */ #channels = new Map();
  /** @type {((event: string | undefined, payload: any, info: {timeout?: number}) => any) | undefined} */ #onRequest;
  /** Ids of messages that were confirmed, and in which session. @type {Map<string, string | undefined>} */ #confirmed = new Map();
  /** @type {(() => void) | undefined} */ #refreshing;
  /** @type {string | null} */ #user = null;
  #closing = false;
  #unwatch;
  #debug;
  /** Resolves once the session is open; rejects if that will never be. @type {Promise<void>} */ ready;

  /**
   * @param {string} url
   * @param {Options} options
   * @internal use `connect`
   */
  constructor(url, options) {
    this.#options = options;
    this.#url = url;
    const { debug } = options;
    this.#debug = typeof debug === 'function' ? debug
      : (/** @type {string} */ what, /** @type {unknown} */ detail) => debug && console.debug('[polywire]', what, detail ?? '');
    const { now, later, random } = (this.#clock = options.clock ?? CLOCK);
    const place = /** @type {any} */ (globalThis);
    const WebSocket = options.WebSocket ?? place.WebSocket;
    const fetch = options.fetch ?? place.fetch?.bind(place);
    const known = Object.keys(WIRES);
    const unknown = options.transports?.find((name) => !known.includes(name));
    if (unknown) throw new TypeError(`no transport is called ${unknown}`);
    const transports = (options.transports ?? known).filter((name) => (name === 'websocket' ? WebSocket : fetch));
    if (!transports.length) throw new TypeError('none of the transports can be used here');
    this.#policy = new Policy({
      ...options, transports, random, fixed: !!options.transports, remembered: options.remember === false ? undefined : recall(url),
    });
    /** The nonce of this instance. */
    this.client = nonce();
    this.#engine = new Engine({
      ...options, url, client: this.client, wires: WIRES, policy: this.#policy, now, later, random, WebSocket, fetch,
    }, {
      frame: (frame) => this.#frame(frame),
      welcome: (welcome, result) => this.#welcome(welcome, result),
      refused: (entry, code) => {
        if (!this.#calls.refuse(entry, code)) this.#lost(entry.frame, code);
      },
      state: (state, error) => this.#state(state, error),
      transport: (transport, previous) => this.#emitter.emit('transport', { transport, previous }),
      missed: (count, reason) => this.#emitter.emit('lost', { reason, count }),
      token: (token) => this.#expect(token),
      debug: this.#debug,
    });
    this.#calls = new Calls({
      now, later, send: (frame) => this.#send(frame), withdraw: (entry) => this.#engine.machine.withdraw(entry),
    });
    this.ready = new Promise((resolve, reject) => {
      this.on('state', ({ state, error }) => {
        if (state === 'connected') resolve();
        if (state === 'failed' || state === 'closed') reject(error ?? new PolywireError(state));
      });
    });
    this.ready.catch(() => {});
    this.#unwatch = watchPage(() => this.#engine.wake(), () => void this.#close('gone'));
    // Not before the caller could add its listeners.
    queueMicrotask(() => this.state === 'connecting' && this.#engine.start());
  }

  /** What the connection is doing. @returns {State} */
  get state() {
    return this.#engine.state;
  }

  /** The name of the wire in use. @returns {string | undefined} */
  get transport() {
    return this.#engine.current?.name;
  }

  /** The session's public id. @returns {string | undefined} */
  get sessionId() {
    return this.#engine.machine.session;
  }

  /** Who the server says we are; null when it does not know. */
  get user() {
    return this.#user;
  }

  /**
   * Listens: `state` {state, transport, error}, `transport` {transport, previous}, `gap` (of any channel), `error`,
   * `lost` {reason, frame | count}, `resumed` {transport}, `reset` {reason, session}, `message` (to this session alone).
   * @param {'state' | 'transport' | 'gap' | 'error' | 'lost' | 'resumed' | 'reset' | 'message'} event
   * @param {(detail: any) => any} handler
   * @returns {() => void} stops listening
   */
  on(event, handler) {
    return this.#emitter.on(event, handler);
  }

  /**
   * A channel by its name, e.g. `chat:42`; always the same object.
   * @param {string} name
   * @returns {Channel}
   */
  channel(name) {
    let channel = this.#channels.get(name);
    if (!channel) {
      channel = new Channel({
        send: (frame) => this.#send(frame),
        calls: this.#calls,
        message: (frame, position) => this.#message(frame, position),
        emit: (event, ...args) => this.#emitter.emit(event, ...args),
        thrown: (error) => this.#thrown(error),
        ...this.#clock,
        autoConfirm: !!this.#options.autoConfirm,
        bufferLimit: this.#options.bufferLimit ?? 1000,
      }, name);
      this.#channels.set(name, channel);
    }
    return channel;
  }

  /**
   * Asks the server's application.
   * @param {string} address
   * @param {any} [payload]
   * @param {{timeout?: number, signal?: AbortSignal, traceId?: string}} [options]
   * @returns {Promise<any>} the reply's payload
   */
  async request(address, payload, { timeout = 30_000, signal, traceId } = {}) {
    const reply = await this.#calls.ask({ type: 'request', address, payload, timeout, traceId }, { timeout, signal });
    return reply.payload;
  }

  /**
   * Answers requests of the server's application with what the handler returns; what it throws is an error to the server.
   * @param {(event: string | undefined, payload: any, info: {timeout?: number}) => any} handler
   */
  onRequest(handler) {
    this.#onRequest = handler;
  }

  /**
   * Gives the server a new token, without a new connection.
   * @param {string} [token] default: what the `token` option gives
   * @returns {Promise<void>}
   */
  async refresh(token) {
    const option = this.#options.token;
    const fresh = token ?? (typeof option === 'function' ? await option() : option);
    await this.#calls.ask({ type: 'refresh', token: fresh });
    this.#engine.token = fresh;
    this.#expect(fresh);
  }

  /**
   * Moves the session to another wire and keeps it there while it works; without a name, back to the best there is. The
   * old wire is in use until the new one is.
   * @param {string} [transport]
   * @returns {Promise<void>}
   */
  switchTo(transport) {
    return this.#engine.switchTo(transport);
  }

  /** Cuts the wire as a broken network would, without a word to the server: for tests and demonstrations. */
  dropWire() {
    this.#engine.drop();
  }

  /** Ends the session. What was queued is sent first, if there is a wire. @returns {Promise<void>} */
  close() {
    return this.#close();
  }

  /** @param {string} [reason] */
  async #close(reason) {
    this.#closing = true;
    await this.#engine.close(reason);
    this.#end(new PolywireError('closed'));
  }

  /** @param {Frame} frame */
  #send(frame) {
    const { machine, current, state } = this.#engine;
    if (this.#closing || state === 'failed' || state === 'closed') throw new PolywireError('closed', '', { frame });
    if (!current && machine.outbox.length >= (this.#options.queueLimit ?? 1000)) {
      throw new PolywireError('queue_full', '', { frame });
    }
    const entry = machine.push(frame);
    this.#engine.flush();
    return entry;
  }

  /**
   * @param {Frame} welcome
   * @param {import('./machine.js').Welcomed} result
   */
  #welcome(welcome, result) {
    const { transport } = this;
    if (transport && this.#options.remember !== false) remember(this.#url, transport);
    if (welcome.user !== undefined) this.#user = welcome.user;
    if (result.outcome === 'resumed') this.#emitter.emit('resumed', { transport });
    if (result.outcome !== 'reset') return;
    this.#debug('reset', result.reason);
    this.#restore();
    this.#calls.reset(result.tried, result.fresh, (frame) => this.#lost(frame, 'outcome_unknown'));
    this.#emitter.emit('reset', { reason: result.reason, session: welcome.session });
  }

  /** Subscribes again in a new session (R17). */
  #restore() {
    const wanted = [...this.#channels.values()].filter((channel) => channel._wanted);
    for (let at = 0; at < wanted.length; at += CHUNK) {
      const id = this.#calls.id();
      const frames = wanted.slice(at, at + CHUNK).map((channel) => channel._request(id, true));
      const positions = Object.assign({}, ...frames.map((frame) => frame.positions));
      this.#engine.machine.push({ type: 'subscribe', id, channels: frames.flatMap((frame) => frame.channels), positions });
    }
    for (const channel of wanted) if (channel._own) this.#engine.machine.push(/** @type {Frame} */ (channel._own));
  }

  /** @param {Frame} frame */
  #frame(frame) {
    const channel = this.#channels.get(frame.channel);
    const answered = this.#calls.answer(frame);
    switch (frame.type) {
      case 'message':
        if (frame.channel !== undefined) break;
        const message = this.#message(frame);
        if (message && this.#emitter.emit('message', message) && this.#options.autoConfirm) message.confirm();
        return;
      case 'request':
        return void this.#answer(frame);
      case 'error':
        if (answered) return;
        if (!frame.id) return void this.#emitter.emit('error', errorOf(frame));
        // A subscribe that is refused as a whole names no channel.
        for (const one of channel ? [channel] : this.#channels.values()) one._frame(frame);
        return;
    }
    channel?._frame(frame);
  }

  /**
   * @param {Frame} frame
   * @param {Position} [position]
   * @returns {Message | undefined}
   */
  #message(frame, position) {
    const { type, confirm: id, ...rest } = frame;
    const session = this.sessionId;
    const confirm = () => {
      if (id === undefined || (this.#confirmed.get(id) === session && this.#confirmed.has(id))) return;
      // A session that is gone delivers again in the next one; that ack is to be sent there.
      if (session !== this.sessionId) return;
      this.#confirmed.set(id, session);
      for (const old of this.#confirmed.keys()) if (this.#confirmed.size > CONFIRMED) this.#confirmed.delete(old);
      this.#send({ type: 'ack', id });
    };
    if (id !== undefined && this.#confirmed.has(id)) {
      confirm();
      return undefined;
    }
    return /** @type {Message} */ ({ ...rest, position, needsConfirm: id !== undefined, confirm });
  }

  /** @param {Frame} request */
  async #answer({ id, event, payload, timeout }) {
    const session = this.sessionId;
    /** @type {Frame} */ let frame;
    try {
      if (!this.#onRequest) throw new PolywireError('not_found');
      frame = { type: 'reply', id, payload: (await this.#onRequest(event, payload, { timeout })) ?? null };
    } catch (error) {
      const known = error instanceof PolywireError;
      if (!known) this.#thrown(error);
      frame = { type: 'error', id, code: known ? error.code : 'internal', message: known ? error.message : undefined };
    }
    if (session === this.sessionId && !this.#closing) this.#send(frame);
  }

  /**
   * @param {State} state
   * @param {PolywireError} [error]
   */
  #state(state, error) {
    this.#emitter.emit('state', { state, transport: this.transport, error });
    if (!this.#closing && (state === 'failed' || state === 'closed')) this.#end(error ?? new PolywireError(state));
  }

  /** @param {PolywireError} error */
  #end(error) {
    this.#unwatch();
    this.#refreshing?.();
    this.#calls.end(error.code);
    for (const channel of this.#channels.values()) channel._end(error);
  }

  /** Refreshes a token from a function before it expires. @param {string | undefined} token */
  #expect(token) {
    this.#refreshing?.();
    const end = typeof this.#options.token === 'function' && expiry(token);
    if (!end) return;
    const wait = Math.min(2 ** 31 - 1, Math.max(1_000, (end - this.#clock.now()) * 0.8));
    this.#refreshing = this.#clock.later(wait, () => {
      // Without a wire, the next one to be opened gets a token of its own.
      if (this.state === 'connected') this.refresh().catch((error) => this.#emitter.emit('error', error));
    });
  }

  /** @param {Frame} frame @param {string} reason */
  #lost(frame, reason) {
    this.#emitter.emit('lost', { reason, frame });
  }

  /** @param {unknown} error */
  #thrown(error) {
    // A handler's mistake is the application's to see, but not the protocol's to stumble over.
    if (this.#emitter.has('error')) this.#emitter.emit('error', error);
    else console.error(error);
  }
}

/**
 * Opens a connection and returns it at once; frames written meanwhile are queued.
 * @param {string} [url] of the mount path, e.g. `/realtime`; default: where this file was loaded from
 * @param {Options} [options]
 * @returns {Connection}
 */
export function connect(url, options = {}) {
  const here = /** @type {any} */ (globalThis).location?.href;
  const full = url ? new URL(url, here) : new URL('.', import.meta.url);
  full.protocol = full.protocol.replace(/^ws/, 'http');
  return new Connection(full.origin + full.pathname.replace(/\/+$/, ''), options);
}
