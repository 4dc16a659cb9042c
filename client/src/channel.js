/** One channel of a connection: its subscription, position, members and messages. */
import { deferred, quiet, tokenOf, whenAborted } from './async.js';
import { emitter } from './emitter.js';
import { PolywireError, errorOf } from './errors.js';
import { backoff } from './policy.js';
import { Members } from './presence.js';
import { stream } from './stream.js';

/** @typedef {import('./machine.js').Frame} Frame */
/** @typedef {{epoch: string, offset: number}} Position a place in a channel's history */
/** @typedef {import('./presence.js').Member} Member */
/** @typedef {import('./types.js').Subscribed} Subscribed */
/** @typedef {import('./types.js').News} News */

/**
 * @template E, K
 * @typedef {K extends keyof News ? News[K] : K extends keyof E ? Message<E[K]> : Message<E[keyof E]>} Heard what a listener gets
 */

/**
 * @template [P=any]
 * @typedef {object} Message
 * @property {string} [channel] absent when it was addressed to this session alone
 * @property {string} [event]
 * @property {P} payload
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
 * @property {(frame: Frame) => void} send
 * @property {import('./calls.js').Calls} calls
 * @property {(frame: Frame, position?: Position) => Message | undefined} message undefined when it was confirmed before
 * @property {(name: string, detail: any) => void} emit
 * @property {(error: unknown) => void} thrown
 * @property {(ms: number, run: () => void) => () => void} later
 * @property {() => number} random
 * @property {() => number} now
 * @property {() => boolean} ended whether nothing comes any more
 * @property {boolean} [autoConfirm]
 * @property {number} [bufferLimit]
 */

/** What a frame says, without what it is. @param {Frame} frame @returns {any} */
const bare = ({ type, ...rest }) => rest;

const PASSING = /^(rate_limited|unavailable|timeout|internal)$/;

/**
 * A channel. Get one from `connection.channel(name)`. Its methods are made with it, as what they share is smaller when
 * minified than private fields are.
 * @template {object} [E=Record<string, any>] the payloads by event
 */
export class Channel {
  /** The position up to which messages were handed over. @type {Position | undefined} */ position;
  /** @type {any} what the application supplied on subscribing */ snapshot;
  /** @internal Where a token for this channel comes from. @type {import('./async.js').TokenSource | undefined} */ _token;
  #members = new Members();
  /** Whether we are between `subscribed` and `unsubscribed` (R34). */ #open = false;

  /**
   * @param {Host} host
   * @param {string} name
   * @internal
   */
  constructor(host, name) {
    const { calls, send, later, random, emit: tell } = host;
    const { on, emit } = emitter(host.thrown);
    /**
     * What ends with the subscription: loops, and the listening to signals.
     * @type {Set<{push?: (message: Message) => void, end: () => void}>}
     */
    const bound = new Set();
    /** The id of the subscribe that counts, if one does. */ let current = '';
    /** Whether that one gave a position. */ let asked = false;
    /** Whether that one was our own idea, after a lost session or channel. */ let own = false;
    /** Such subscribes that failed in a row. */ let tries = 0;
    /**
     * There while the application wants to be subscribed, across sessions.
     * @type {import('./async.js').Deferred<Subscribed> | undefined}
     */
    let wanted;
    /** How many have asked for it and not let go. */ let holders = 0;
    /** What we are here. @type {{state: any} | undefined} */ let ours;
    /** Whether a token is being got, and the subscribe waits for it. */ let fetching = false;

    /** @param {Error} reason for who still waits */
    const leave = async (reason) => {
      if (!wanted) return;
      const said = !fetching;
      finish(reason);
      if (said) await calls.ask({ type: 'unsubscribe', channels: [name] });
    };

    /** @param {Frame} frame @param {{timeout?: number, signal?: AbortSignal}} [options] @returns {Promise<any>} */
    const ask = (frame, options) => quiet(calls.ask({ ...frame, channel: name }, options).then(bare));

    /** Tries once more to be where we were. */
    const retry = (pause = 500) => {
      const id = current;
      later(pause + backoff(2 + tries++, random), () => {
        if (current === id) begin(true);
      });
    };

    /** @param {boolean} again */
    const begin = (this._begin = async (again) => {
      const frame = this._request(calls.id(), again);
      const { id } = frame;
      const shown = this._token !== undefined;
      try {
        if (shown) {
          fetching = true;
          const token = await tokenOf(this._token);
          if (current !== id) return;
          fetching = false;
          if (token) frame.tokens = { [name]: token };
        }
        send(frame);
        // Sent before the subscribe, or behind one that was refused, it did not count.
        if (again || shown) this._restate();
      } catch (error) {
        if (current !== id) return;
        // Whoever hands out tokens may be away for as long as our server was, and a full queue has room later on.
        if (!again) finish(error);
        else if (/** @type {PolywireError} */ (error).code === 'too_large') refused(/** @type {PolywireError} */ (error));
        else retry();
      }
    });

    /** @param {Frame} frame */
    const subscribed = (frame) => {
      const { position, snapshot } = frame;
      const first = !this.#open;
      this.#open = true;
      tries = 0;
      if (first || !frame.already) this.position = position ?? this.position;
      this.#members.take(frame);
      if (snapshot !== undefined) this.snapshot = snapshot;
      const answer = bare(frame);
      wanted?.resolve(answer);
      emit(':subscribed', answer);
      // Nothing says what an unstored channel missed between two sessions, so its extent is unknown.
      const reason = asked ? !frame.recovered && 'not_recovered' : own && 'reset';
      if (first && reason) gap({ channel: name, reason, position });
    };

    /** @param {Frame} frame */
    const receive = (frame) => {
      const { offset } = frame;
      const { epoch, offset: last = -1 } = this.position ?? {};
      const position = offset === undefined || epoch === undefined ? undefined : { epoch, offset };
      // One that is delivered again has an offset from before.
      if (position && offset > last) this.position = position;
      const message = host.message(frame, position);
      if (!message) return;
      const { event } = message;
      let fine = emit('*', message);
      // No publisher can forge what the channel itself tells.
      if (event && !/^(:|\*$)/.test(event)) fine = emit(event, message) && fine;
      for (const one of bound) one.push?.(message);
      if (host.autoConfirm && fine) message.confirm();
    };

    /** @param {Frame} frame */
    const gap = (frame) => {
      const rest = bare(frame);
      if (frame.position && !frame.local) this.position = frame.position;
      emit(':gap', rest);
      tell('gap', rest);
    };

    /** @param {Frame} frame */
    const changed = (frame) => {
      const members = this.#members;
      const taken = members.take(frame);
      if (taken === 'new') emit(':' + frame.type, bare(frame));
      if (taken !== 'jump' || members.stale) return;
      members.stale = true;
      this.presence().catch(() => {
        members.stale = false;
      });
    };

    /** The server does not let us be here, or no longer. @param {Frame} frame */
    const refused = (frame) => {
      const error = errorOf(frame);
      finish(error);
      emit(':unsubscribed', { channel: name, reason: error.code });
      if (own) tell('error', error);
    };

    /** The subscription is over. @param {unknown} error for who still waits */
    const finish = (this._finish = (error) => {
      wanted?.reject(error);
      current = '';
      this.#open = fetching = false;
      holders = 0;
      wanted = ours = undefined;
      this.#members = new Members();
      for (const one of bound) one.end();
      bound.clear();
    });

    /** Whether it is to be subscribed in a new session. */
    this._wanted = () => !!wanted;

    /** Sets our own state again, where the server does not know it any more. */
    this._restate = () => {
      if (!ours) return;
      const frame = { type: 'presence', id: calls.id(), channel: name, ...ours };
      try {
        send(frame);
      } catch (error) {
        calls.refuse({ frame }, /** @type {PolywireError} */ (error).code);
      }
    };

    /** Begins an incarnation of the subscription. @param {string} id @param {boolean} again @returns {Frame} */
    this._request = (id, again) => {
      const { position } = this;
      current = id;
      own = again;
      asked = !!position;
      this.#open = false;
      this.#members = new Members();
      return { type: 'subscribe', id, channels: [name], positions: position && { [name]: position } };
    };

    /** @param {Frame} frame */
    this._frame = (frame) => {
      const { type, id, reason } = frame;
      if (!wanted) return;
      switch (type) {
        case 'subscribed':
          if (id === undefined ? this.#open : id === current) subscribed(frame);
          break;
        case 'unsubscribed':
          // Asked for: we had closed it ourselves.
          if (id !== undefined) break;
          if (reason !== 'lost') return refused({ ...frame, code: reason ?? type });
          // Nobody minds that we are here, but a node could not take us in; the position tells what we miss meanwhile.
          this.#open = false;
          own = true;
          retry();
          break;
        case 'error':
          if (id !== current) break;
          // After a lost session everybody subscribes at once; it is not the application that has to try again then. Nor is it
          // when too much waits for us to go on from a position now (R33).
          if (PASSING.test(frame.code) && (own || (asked && frame.retryAfter))) retry(frame.retryAfter);
          else refused(frame);
          break;
        case 'gap':
          gap(frame);
          break;
        default:
          if (this.#open) (type === 'message' ? receive : changed)(frame);
      }
    };

    /** The channel's name. */
    this.name = name;

    /**
     * Subscribes; from then on the channel is kept subscribed, also in a new session.
     * @param {{position?: Position, signal?: AbortSignal}} [options] position: go on after this message; signal: lets go when it
     *   is aborted, also later: when all who subscribed have let go, it unsubscribes
     * @returns {Promise<Subscribed>}
     */
    this.subscribe = ({ position, signal } = {}) => {
      if (signal?.aborted) return quiet(Promise.reject(signal.reason));
      const first = !wanted;
      const { promise } = (wanted ??= deferred());
      holders++;
      if (signal) bound.add({ end: whenAborted(signal, () => --holders || void quiet(leave(signal.reason))) });
      if (first) {
        this.position = position;
        begin(false);
      }
      return promise;
    };

    /** Unsubscribes. @returns {Promise<void>} */
    this.unsubscribe = () => quiet(leave(new PolywireError('unsubscribed')));

    /**
     * Publishes a message. With an id, given or made, it is published once however often it has to be sent.
     * @template {keyof E & string} K
     * @param {K | undefined} event
     * @param {E[K]} payload
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
    this.publish = (event, payload, { ack = true, timeout, signal, ...rest } = {}) => {
      const frame = { type: 'publish', event, payload: payload ?? null, sentAt: host.now(), ...rest };
      if (ack || rest.id !== undefined) return ask(frame, { timeout, signal });
      return quiet((async () => {
        send({ ...frame, channel: name });
        return {};
      })());
    };

    /**
     * Asks who is here, or only how many.
     * @param {{count?: boolean, timeout?: number, signal?: AbortSignal}} [options]
     * @returns {Promise<{members?: Member[], count: number, version?: number}>}
     */
    this.presence = ({ count, ...options } = {}) => ask({ type: 'presence', count }, options);

    /**
     * Sets our own state here, e.g. `'away'`; it is kept in a new session.
     * @param {any} state
     * @param {{timeout?: number, signal?: AbortSignal}} [options] of the waiting for the answer
     * @returns {Promise<void>}
     */
    this.setState = (state, options) => {
      const before = ours;
      const mine = (ours = { state });
      return quiet(ask({ type: 'presence', state }, options).then(() => {}, (error) => {
        // What was refused or withdrawn is not for the next session. One that was sooner than its subscribe comes behind that.
        if (ours === mine && !(wanted && error?.code === 'not_subscribed')) ours = before;
        throw error;
      }));
    };

    /**
     * Reads messages from the channel's history.
     * @param {{since?: Position, limit?: number, reverse?: boolean, timeout?: number, signal?: AbortSignal}} [options]
     * @returns {Promise<{messages: Message<E[keyof E]>[], position?: Position, more?: boolean}>}
     */
    this.history = ({ since, limit, reverse, ...options } = {}) =>
      quiet(ask({ type: 'history', since, limit, reverse }, options).then((answer) => ({
        ...answer,
        // Nobody waits for a confirmation of what was only read.
        messages: answer.messages.map((/** @type {Frame} */ { confirm, ...frame }) =>
          host.message(frame, { ...answer.position, offset: frame.offset })),
      })));

    /**
     * Listens to messages by their event, or to all of them with `'*'`. Names that begin with a colon are the channel's own:
     * `:subscribed`, `:unsubscribed`, `:gap`, `:join`, `:leave`, `:presence`. No publisher can forge those. The signal of the
     * options stops listening, and so does the function that is returned.
     * @type {<K extends (keyof E & string) | keyof News | '*'>(event: K, handler: (message: Heard<E, K>) => any,
     *   options?: {signal?: AbortSignal}) => () => void}
     */
    this.on = on;

    /**
     * Messages as an async iterator; it ends with the subscription. When the loop falls behind by more than `limit`, the
     * oldest are dropped, and a `:gap` with `local: true` tells how many.
     * @param {{limit?: number, signal?: AbortSignal}} [options] signal: when it is aborted, the loop throws its reason
     * @returns {AsyncIterableIterator<Message<E[keyof E]>>}
     */
    this.messages = ({ limit = host.bufferLimit ?? 1000, signal } = {}) => {
      const messages = stream(limit, (count) => gap({ channel: name, reason: 'overflow', count, local: true }), bound, signal);
      if (host.ended()) messages.end();
      return messages;
    };
  }

  [Symbol.asyncIterator]() {
    return this.messages();
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
}
