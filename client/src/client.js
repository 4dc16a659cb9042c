/**
 * Polywire's client: one session over WebSocket, Server-Sent Events or long polling, changing between them without
 * loss, repeat or disorder. See docs/protocol.md.
 */
import { deferred, tokenOf, whenAborted } from './async.js';
import { calls, failure } from './calls.js';
import { Channel } from './channel.js';
import { confirmations } from './confirm.js';
import { emitter } from './emitter.js';
import { engine } from './engine.js';
import { place, remember as store, watchPage } from './environment.js';
import { PolywireError, errorOf } from './errors.js';
import { chosen } from './options.js';
import { policy } from './policy.js';
import { renewal } from './renewal.js';

export { Channel, PolywireError };

/** @typedef {import('./machine.js').Frame} Frame */
/** @typedef {import('./types.js').State} State */
/** @typedef {import('./types.js').Happenings} Happenings */
/** @typedef {import('./types.js').News} News */
/** @typedef {import('./options.js').Options} Options */
/** @typedef {import('./channel.js').Position} Position */
/** @typedef {import('./types.js').Subscribed} Subscribed */
/** @typedef {import('./types.js').Gap} Gap */
/** @typedef {import('./types.js').Change} Change */
/** @typedef {import('./presence.js').Member} Member */
/** @typedef {import('./async.js').TokenSource} TokenSource */
/** @template [P=any] @typedef {import('./channel.js').Message<P>} Message */
/** @template E, K @typedef {import('./channel.js').Heard<E, K>} Heard */

const CHUNK = 100;
/** Frames that may be on their way or without an answer; a server that takes none in, or gives none, is not heaped up for. */
const UNCONFIRMED = 10_000;

/**
 * A connection: a session and the wire it has at the moment. Its methods are made with it, as what they share is smaller
 * when minified than private fields are.
 */
export class Connection {
  #engine;

  /**
   * @param {string} url
   * @param {Options} options
   * @internal use `connect`
   */
  constructor(url, options) {
    const o = chosen(url, options);
    const { signal, queueLimit = 1000, autoConfirm } = o;
    const most = Math.max(queueLimit, UNCONFIRMED);
    /** @type {Map<string, Channel<any>>} */ const channels = new Map();
    const opening = deferred();
    /** @type {((event: string | undefined, payload: any, info: {timeout?: number}) => any) | undefined} */ let onRequest;
    /** @type {Promise<void> | undefined} */ let closing;
    /** Stops listening to the signal. @type {(() => void) | undefined} */ let ignore;

    /** @param {unknown} error */
    const thrown = (error) => {
      // A handler's mistake is the application's to see, but not the protocol's to stumble over.
      if (has('error')) emit('error', error);
      else console.error(error);
    };

    /** Runs what may fail by somebody else's mistake. @param {() => void} run */
    const guard = (run) => {
      try {
        run();
      } catch (error) {
        thrown(error);
      }
    };

    /** @param {string} what @param {unknown} [detail] */
    const debug = (what, detail) => guard(() => o.debug?.(what, detail));

    const { on, emit, has } = emitter(thrown);

    /** @param {Frame} frame @param {Partial<import('./machine.js').Entry>} [entry] */
    const send = (frame, entry) => {
      const { current, over } = core;
      const full = machine.queued.length >= (current ? most : queueLimit);
      if (over || full) throw failure(over ? 'closed' : 'queue_full', frame);
      machine.push(frame, entry);
      core.flush();
    };

    /** What is different in each session, and after the end. */
    const where = () => (core.over ? {} : this.sessionId);
    const message = confirmations(where, send);
    const pending = calls(
      o, most, send, (entry) => machine.withdraw(entry), (frame, reason) => emit('lost', { reason, frame }),
    );
    const host = { ...o, emit, send, thrown, calls: pending, message, ended: () => core.over };

    /** @param {Frame} welcome @param {import('./machine.js').Welcomed} result */
    const welcomed = (welcome, result) => {
      const { transport } = this;
      if (transport && o.remember) store(url, transport);
      if (welcome.user !== undefined) core.user = welcome.user;
      if (result.outcome === 'resumed') emit('resumed', { transport });
      if (result.outcome !== 'reset') return;
      const { reason } = result;
      debug('reset', reason);
      restore();
      pending.reset(result.tried, result.fresh);
      emit('reset', { reason, session: welcome.session });
    };

    /** Takes our channels, and our states there, to a new session (R17). */
    const restore = () => {
      const wanted = [...channels.values()].filter((channel) => channel._wanted());
      const plain = wanted.filter((channel) => channel._token === undefined);
      for (let at = 0; at < plain.length; at += CHUNK) resubscribe(plain.slice(at, at + CHUNK));
      for (const channel of wanted) {
        if (channel._token === undefined) channel._restate();
        else channel._begin(true);
      }
    };

    /** In as few frames as may be. @param {Channel[]} some */
    const resubscribe = (some) => {
      const id = pending.id();
      const frames = some.map((channel) => channel._request(id, true));
      const positions = Object.assign({}, ...frames.map((frame) => frame.positions));
      try {
        send({ ...frames[0], channels: some.map(({ name }) => name), positions });
      } catch {
        // The new session's limit may be lower than the last one's.
        const half = some.length >> 1;
        if (!half) return some[0]._frame({ type: 'error', id, code: 'too_large' });
        resubscribe(some.slice(0, half));
        resubscribe(some.slice(half));
      }
    };

    /** @param {Frame} frame */
    const receive = (frame) => {
      const channel = channels.get(frame.channel);
      const answered = pending.answer(frame);
      switch (frame.type) {
        case 'message':
          if (frame.channel !== undefined) break;
          const ours = message(frame);
          if (ours && emit('message', ours) && autoConfirm) ours.confirm();
          return;
        case 'request':
          return void answer(frame);
        case 'refresh':
          return tokens.asked(frame.expiresIn);
        case 'error':
          if (answered) return;
          if (!frame.id) return void emit('error', errorOf(frame));
          // A subscribe that is refused as a whole names no channel.
          for (const one of channel ? [channel] : channels.values()) one._frame(frame);
          return;
      }
      channel?._frame(frame);
    };

    /** @param {Frame} request */
    const answer = async ({ id, event, payload, timeout }) => {
      const asked = where();
      // In another session, or after the end, nobody waits for it.
      const reply = (/** @type {Frame} */ frame) => asked === where() && send(frame);
      try {
        if (!onRequest) throw new PolywireError('not_found');
        reply({ type: 'reply', id, payload: (await onRequest(event, payload, { timeout })) ?? null });
      } catch (error) {
        const known = error instanceof PolywireError;
        if (!known) thrown(error);
        guard(() => reply({ type: 'error', id, code: known ? error.code : 'internal', message: known ? error.message : undefined }));
      }
    };

    /** @param {State} state @param {PolywireError} [error] */
    const changed = (state, error) => {
      emit('state', { state, transport: this.transport, error });
      if (state === 'connected') opening.resolve(undefined);
      if (!core.over) return;
      const why = error ?? new PolywireError(state);
      opening.reject(signal?.aborted ? signal.reason : why);
      if (!closing) end(why);
    };

    /** @param {PolywireError} error */
    const end = (error) => {
      ignore?.();
      unwatch();
      tokens.stop();
      pending.end(error.code);
      for (const channel of channels.values()) channel._finish(error);
    };

    /** @param {string} [reason] @returns {Promise<void>} */
    const close = (reason) => {
      if (closing) return closing;
      // There before the engine tells the state: who hears of that can neither write any more nor close once more.
      const { promise, resolve } = deferred();
      closing = promise;
      core.close(reason, () => {
        end(new PolywireError('closed'));
        resolve(undefined);
      });
      return promise;
    };

    /**
     * Gives the server a new token, without a new connection.
     * @param {string} [token] default: what the `token` option gives
     * @param {{timeout?: number, signal?: AbortSignal}} [options] of the waiting for the answer
     * @returns {Promise<void>}
     */
    this.refresh = async (token, options) => {
      const fresh = token ?? (await tokenOf(o.token));
      await pending.ask({ type: 'refresh', token: fresh }, options);
      core.token = fresh;
      tokens.expect(fresh);
    };

    const tokens = renewal(
      o, () => this.state === 'connected', this.refresh, (expiresIn, error) => emit('expiring', { expiresIn, error }),
    );
    const core = (this.#engine = engine({ ...o, policy: policy(o) }, {
      frame: (frame) => guard(() => receive(frame)),
      welcome: welcomed, refused: pending.refuse, state: changed, emit, token: tokens.expect, note: debug,
    }));
    const { machine } = core;
    const unwatch = watchPage(core.wake, () => void close('gone'));

    /** The nonce of this instance. */
    this.client = o.client;

    /** Resolves once the session is open; rejects if that will never be. @type {Promise<void>} */
    this.ready = opening.promise;

    /**
     * Listens: `state`, `transport`, `gap` (of any channel), `error`, `lost`, `resumed`, `reset`, `message` (to this session
     * alone), `expiring` (the token ends, and there is no function for a new one, or it failed; it is tried again). The signal
     * of the options stops listening, and so does the function that is returned.
     * @type {<K extends keyof Happenings>(event: K, handler: (detail: Happenings[K]) => any, options?: {signal?: AbortSignal})
     *   => () => void}
     */
    this.on = on;

    /**
     * A channel by its name, e.g. `chat:42`; always the same object.
     * @template {object} [E=Record<string, any>] the payloads by event
     * @param {string} name
     * @param {{token?: import('./async.js').TokenSource}} [options] token: shown when subscribing, where the server asks for
     *   one; a function is asked for every subscribe, also in a new session
     * @returns {Channel<E>}
     */
    this.channel = (name, { token } = {}) => {
      const channel = channels.get(name) ?? new Channel(host, name);
      channels.set(name, channel);
      channel._token = token ?? channel._token;
      return channel;
    };

    /**
     * Asks the server's application.
     * @template [T=any]
     * @param {string} address
     * @param {any} [payload]
     * @param {{timeout?: number, signal?: AbortSignal, traceId?: string}} [options]
     * @returns {Promise<T>} the reply's payload
     */
    this.request = async (address, payload, { timeout = 30_000, signal, traceId } = {}) => {
      const reply = await pending.ask({ type: 'request', address, payload, timeout, traceId }, { timeout, signal });
      return reply.payload;
    };

    /**
     * Answers requests of the server's application with what the handler returns; what it throws is an error to the server.
     * There is one handler; another one replaces it.
     * @param {(event: string | undefined, payload: any, info: {timeout?: number}) => any} handler
     * @param {{signal?: AbortSignal}} [options] signal: takes the handler off, and so does the function that is returned
     * @returns {() => void}
     */
    this.onRequest = (handler, { signal } = {}) => {
      onRequest = handler;
      const off = () => {
        if (onRequest === handler) onRequest = undefined;
      };
      whenAborted(signal, off);
      return off;
    };

    /**
     * Moves the session to another wire and keeps it there while it works; without a name, back to the best there is. The
     * old wire is in use until the new one is.
     * @type {(transport?: string) => Promise<void>}
     */
    this.switchTo = core.switchTo;

    /** Cuts the wire as a broken network would, without a word to the server: for tests and demonstrations. */
    this.dropWire = core.drop;

    /** Ends the session. What was queued is sent first, if there is a wire. */
    this.close = () => close();

    // Not before the caller could add its listeners.
    queueMicrotask(() => {
      if (core.over) return;
      ignore = whenAborted(signal, this.close);
      if (!core.over) core.start();
    });
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
    return this.#engine.machine.key?.session;
  }

  /** Who the server says we are; null when it does not know. @returns {string | null} */
  get user() {
    return this.#engine.user;
  }
}

/**
 * Opens a connection and returns it at once; frames written meanwhile are queued.
 * @param {string} [url] of the mount path, e.g. `/realtime`; default: where this file was loaded from
 * @param {Options} [options]
 * @returns {Connection}
 */
export function connect(url, options = {}) {
  const full = new URL(url || '.', url ? place.location?.href : import.meta.url);
  full.protocol = full.protocol.replace(/^ws/, 'http');
  return new Connection(full.origin + full.pathname.replace(/\/+$/, ''), options);
}
