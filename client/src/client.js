/**
 * Polywire's client: one session over WebSocket, Server-Sent Events or long polling, changing between them without
 * loss, repeat or disorder. See docs/protocol.md.
 */
import { Calls } from './calls.js';
import { Channel } from './channel.js';
import { Confirmations } from './confirm.js';
import { Emitter } from './emitter.js';
import { Engine } from './engine.js';
import { nonce, recall, remember, watchPage } from './environment.js';
import { PolywireError, errorOf } from './errors.js';
import { WIRES, chosen } from './options.js';
import { Policy } from './policy.js';
import { Renewal } from './renewal.js';

export { Channel, PolywireError };

/** @typedef {import('./machine.js').Frame} Frame */
/** @typedef {import('./types.js').State} State */
/** @typedef {import('./options.js').Options} Options */

const CHUNK = 100;
/** Frames that may be on their way; a server that takes none in while its wire seems to work is not heaped up for. */
const UNCONFIRMED = 10_000;

/** A connection: a session and the wire it has at the moment. */
export class Connection {
  #engine;
  #calls;
  #options;
  #clock;
  #policy;
  #url;
  #emitter = new Emitter((error) => this.#thrown(error));
  #confirmations = new Confirmations(() => this.sessionId, (frame) => this.#send(frame));
  /** @type {Map<string, Channel>} */ #channels = new Map();
  /** @type {((event: string | undefined, payload: any, info: {timeout?: number}) => any) | undefined} */ #onRequest;
  #renewal;
  /** @type {string | null} */ #user = null;
  /** @type {Promise<void> | undefined} */ #closing;
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
    const say = typeof debug === 'function' ? debug
      : (/** @type {string} */ what, /** @type {unknown} */ detail) => debug && console.debug('[polywire]', what, detail ?? '');
    this.#debug = (/** @type {string} */ what, /** @type {unknown} */ detail) => this.#guard(() => say(what, detail));
    const { clock, transports, WebSocket, fetch } = chosen(options);
    const { now, later, random } = (this.#clock = clock);
    this.#policy = new Policy({
      ...options, transports, random, fixed: !!options.transports, remembered: options.remember === false ? undefined : recall(url),
    });
    /** The nonce of this instance. */
    this.client = nonce();
    this.#engine = new Engine({
      ...options, url, client: this.client, wires: WIRES, policy: this.#policy, now, later, random, WebSocket, fetch,
    }, {
      frame: (frame) => this.#guard(() => this.#frame(frame)),
      welcome: (welcome, result) => this.#welcome(welcome, result),
      refused: (entry, code) => {
        if (!this.#calls.refuse(entry, code)) this.#lost(entry.frame, code);
      },
      state: (state, error) => this.#state(state, error),
      transport: (transport, previous) => this.#emitter.emit('transport', { transport, previous }),
      missed: (count, reason) => this.#emitter.emit('lost', { reason, count }),
      token: (token) => this.#renewal.expect(token),
      debug: this.#debug,
    });
    this.#calls = new Calls({
      now, later, send: (frame) => this.#send(frame), withdraw: (entry) => this.#engine.machine.withdraw(entry),
    });
    this.#renewal = new Renewal({
      ...clock, able: typeof options.token === 'function', connected: () => this.state === 'connected', refresh: () => this.refresh(),
      expiring: (expiresIn, error) => this.#emitter.emit('expiring', { expiresIn, error }),
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
   * `lost` {reason, frame | count}, `resumed` {transport}, `reset` {reason, session}, `message` (to this session alone), `expiring`
   * {expiresIn, error} (the token ends in so many milliseconds, and there is no function for a new one, or it failed; it is tried again).
   * @param {'state' | 'transport' | 'gap' | 'error' | 'lost' | 'resumed' | 'reset' | 'message' | 'expiring'} event
   * @param {(detail: any) => any} handler
   * @returns {() => void} stops listening
   */
  on(event, handler) {
    return this.#emitter.on(event, handler);
  }

  /**
   * A channel by its name, e.g. `chat:42`; always the same object.
   * @param {string} name
   * @param {{token?: import('./types.js').TokenSource}} [options] token: shown when subscribing, where the server asks for one; a
   *   function is asked for every subscribe, also in a new session
   * @returns {Channel}
   */
  channel(name, { token } = {}) {
    let channel = this.#channels.get(name);
    if (!channel) {
      channel = new Channel({
        send: (frame) => this.#send(frame),
        calls: this.#calls,
        message: (frame, position) => this.#confirmations.message(frame, position),
        emit: (event, ...args) => this.#emitter.emit(event, ...args),
        thrown: (error) => this.#thrown(error),
        ...this.#clock,
        autoConfirm: !!this.#options.autoConfirm,
        bufferLimit: this.#options.bufferLimit ?? 1000,
      }, name);
      this.#channels.set(name, channel);
    }
    if (token !== undefined) channel._shows(token);
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
    this.#renewal.expect(fresh);
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

  get #over() {
    return !!this.#closing || this.state === 'failed' || this.state === 'closed';
  }

  /** @param {string} [reason] @returns {Promise<void>} */
  #close(reason) {
    if (this.#closing) return this.#closing;
    // There before the engine tells the state: who hears of that can neither write any more nor close once more.
    let done = () => {};
    this.#closing = new Promise((resolve) => {
      done = resolve;
    });
    this.#engine.close(reason).then(() => {
      this.#end(new PolywireError('closed'));
      done();
    });
    return this.#closing;
  }

  /** @param {Frame} frame */
  #send(frame) {
    const { machine, current } = this.#engine;
    if (this.#over) throw new PolywireError('closed', '', { frame });
    const { queueLimit = 1000 } = this.#options;
    if (machine.outbox.length >= (current ? Math.max(queueLimit, UNCONFIRMED) : queueLimit)) {
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
    this.#calls.reset(result.tried, result.fresh, (frame, reason) => this.#lost(frame, reason));
    this.#emitter.emit('reset', { reason: result.reason, session: welcome.session });
  }

  /** Takes our channels, and our states there, to a new session (R17). */
  #restore() {
    const wanted = [...this.#channels.values()].filter((channel) => channel._wanted);
    const plain = wanted.filter((channel) => !channel._asks);
    for (let at = 0; at < plain.length; at += CHUNK) this.#resubscribe(plain.slice(at, at + CHUNK));
    for (const channel of wanted) if (channel._asks) channel._begin(true);
    for (const channel of plain) {
      const own = channel._own;
      if (own) this.#resend(own, () => this.#lost(own, 'too_large'));
    }
  }

  /** In as few frames as may be. @param {Channel[]} channels */
  #resubscribe(channels) {
    const id = this.#calls.id();
    const frames = channels.map((channel) => channel._request(id, true));
    const positions = Object.assign({}, ...frames.map((frame) => frame.positions));
    this.#resend({ type: 'subscribe', id, channels: channels.map(({ name }) => name), positions }, () => {
      const [channel, ...more] = channels;
      if (!more.length) return channel._frame({ type: 'error', id, code: 'too_large' });
      const half = channels.length >> 1;
      this.#resubscribe(channels.slice(0, half));
      this.#resubscribe(channels.slice(half));
    });
  }

  /**
   * Queues a frame for a new session, whose limit may be lower than the last one's.
   * @param {Frame} frame
   * @param {() => void} tooLarge
   */
  #resend(frame, tooLarge) {
    try {
      this.#engine.machine.push(frame);
    } catch {
      tooLarge();
    }
  }

  /** @param {Frame} frame */
  #frame(frame) {
    const channel = this.#channels.get(frame.channel);
    const answered = this.#calls.answer(frame);
    switch (frame.type) {
      case 'message':
        if (frame.channel !== undefined) break;
        const message = this.#confirmations.message(frame);
        if (message && this.#emitter.emit('message', message) && this.#options.autoConfirm) message.confirm();
        return;
      case 'request':
        return void this.#answer(frame);
      case 'refresh':
        return this.#renewal.asked(frame.expiresIn);
      case 'error':
        if (answered) return;
        if (!frame.id) return void this.#emitter.emit('error', errorOf(frame));
        // A subscribe that is refused as a whole names no channel.
        for (const one of channel ? [channel] : this.#channels.values()) one._frame(frame);
        return;
    }
    channel?._frame(frame);
  }

  /** @param {Frame} request */
  async #answer({ id, event, payload, timeout }) {
    const session = this.sessionId;
    // In another session, or after the end, nobody waits for it.
    const send = (/** @type {Frame} */ frame) => session === this.sessionId && !this.#over && this.#send(frame);
    try {
      if (!this.#onRequest) throw new PolywireError('not_found');
      send({ type: 'reply', id, payload: (await this.#onRequest(event, payload, { timeout })) ?? null });
    } catch (error) {
      const known = error instanceof PolywireError;
      if (!known) this.#thrown(error);
      try {
        send({ type: 'error', id, code: known ? error.code : 'internal', message: known ? error.message : undefined });
      } catch (unsent) {
        this.#thrown(unsent);
      }
    }
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
    this.#renewal.stop();
    this.#calls.end(error.code);
    for (const channel of this.#channels.values()) channel._end(error);
  }

  /** @param {Frame} frame @param {string} reason */
  #lost(frame, reason) {
    this.#emitter.emit('lost', { reason, frame });
  }

  /** Runs what may fail by somebody else's mistake. @param {() => void} run */
  #guard(run) {
    try {
      run();
    } catch (error) {
      this.#thrown(error);
    }
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
