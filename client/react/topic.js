/** A channel's subscription, shared by all components that want it. */
import { PolywireError } from '@polywire/client';

/** @typedef {import('@polywire/client').Connection} Connection */
/** @typedef {import('@polywire/client').Channel} Channel */
/** @typedef {{epoch: string, offset: number}} Position a place in a channel's history */
/** @typedef {string | (() => string | undefined | Promise<string | undefined>)} TokenSource a token, or who gets one */
/** @typedef {Channel['members']} Members */

/**
 * @typedef {object} Joining
 * @property {() => void} [changed] is called when a view is another one
 * @property {(event: string, detail: any) => any} [hear] gets messages by event and as `'*'`, and the channel's own news
 * @property {Position} [position] where to go on from, for who is the first to subscribe
 * @property {TokenSource} [token] likewise: shown when subscribing
 */

/**
 * @typedef {object} ChannelView what a component sees of a subscription; a new object with every change
 * @property {boolean} subscribed
 * @property {Error & {code?: string, retryAfter?: number}} [error] why not: a `PolywireError`, or what the function for a token threw
 * @property {any} [snapshot] what the application supplied on subscribing
 */

/** @typedef {{members: Members, count: number}} PresenceView */

/** @type {ChannelView} */
export const OUTSIDE = Object.freeze({ subscribed: false });
/** @type {PresenceView} */
export const NOBODY = Object.freeze({ members: [], count: 0 });

const NEWS = [':subscribed', ':unsubscribed', ':gap', ':join', ':leave', ':presence'];
/** Refusals that may be another answer a moment later. */
const PASSING = ['rate_limited', 'unavailable', 'timeout', 'internal', 'queue_full'];
/** How long an answered publish waits for the message itself. */
const ECHO = 5000;

/** @type {WeakMap<Connection, Map<string, Topic>>} */
const topics = new WeakMap();

/**
 * The one there is, if any: for renders, which must not make one.
 * @param {Connection | undefined} connection
 * @param {string} name
 */
export const topicAt = (connection, name) => connection && topics.get(connection)?.get(name);

/**
 * The one there is, or a new one, which whoever asks has to join.
 * @param {Connection} connection
 * @param {string} name
 */
export function topicOf(connection, name) {
  /** @type {Map<string, Topic>} */ const all = topics.get(connection) ?? new Map();
  topics.set(connection, all);
  const topic = all.get(name) ?? new Topic(connection, name, () => void all.delete(name));
  all.set(name, topic);
  return topic;
}

/** A subscription with a count of those who want it. */
class Topic {
  /** @type {ChannelView} */ view = OUTSIDE;
  /** @type {PresenceView | undefined} */ #people;
  /** @type {Set<() => void>} */ #listeners = new Set();
  /** @type {(() => void)[]} */ #stops = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #holders = 0;
  #tries = 0;
  #over = false;
  /** Lets go of the channel: what the application has subscribed by itself, before or after us, is for it to unsubscribe. */
  #leaving = new AbortController();
  #connection;
  #channel;
  #forget;

  /**
   * @param {Connection} connection
   * @param {string} name
   * @param {() => void} forget
   */
  constructor(connection, name, forget) {
    this.#connection = connection;
    this.#channel = connection.channel(name);
    this.#forget = forget;
  }

  /** The members; the same object until they change. */
  get people() {
    const { members, count } = this.#channel;
    return (this.#people ??= { members, count });
  }

  /**
   * Subscribes, if nobody has yet.
   * @param {Joining} how
   * @returns {() => void} leaves; after the last the channel is unsubscribed
   */
  join({ changed, hear, position, token }) {
    const channel = this.#channel;
    const stops = hear ? [
      channel.on('*', (message) => hear('*', message)),
      // What a publisher calls ":gap" is not the channel's own.
      channel.on('*', (message) => (!message.event || /^[:*]/.test(message.event) ? undefined : hear(message.event, message))),
      ...NEWS.map((event) => channel.on(event, (detail) => hear(event, detail))),
    ] : [];
    if (changed) this.#listeners.add(changed);
    if (this.#holders++ === 0 && !this.#stops.length) this.#start(position, token);
    return () => {
      for (const stop of stops) stop();
      if (changed) this.#listeners.delete(changed);
      if (--this.#holders === 0) setTimeout(() => this.#holders === 0 && this.#stop());
    };
  }

  /**
   * Publishes. Resolves when the server has accepted it and, where the channel has positions, the handlers here have had it,
   * so that what was shown in its stead can go.
   * @param {Parameters<Channel['publish']>} what
   */
  async publish(...what) {
    const channel = this.#channel;
    const ack = await channel.publish(...what);
    const { position } = ack;
    const there = () => {
      const { position: at } = channel;
      return this.#over || !channel.subscribed || at?.epoch !== position?.epoch || /** @type {any} */ (at).offset >= /** @type {any} */ (position).offset;
    };
    if (position && what[2]?.echo !== false && !there()) await new Promise((resolve) => {
      const look = () => there() && end();
      const stops = ['*', ':gap', ':unsubscribed', ':subscribed'].map((event) => channel.on(event, look));
      stops.push(this.#connection.on('state', look));
      const timer = setTimeout(() => end(), ECHO);
      const end = () => {
        clearTimeout(timer);
        for (const stop of stops) stop();
        resolve(undefined);
      };
    });
    return ack;
  }

  /** Sets our own state. @param {any} state */
  setState(state) {
    return this.#channel.setState(state);
  }

  /**
   * @param {Position | undefined} position
   * @param {TokenSource} [token]
   */
  #start(position, token) {
    const channel = this.#channel;
    if (token !== undefined) this.#connection.channel(channel.name, { token });
    const people = () => {
      this.#people = undefined;
      this.#tell();
    };
    this.#stops = [
      ...[':join', ':leave', ':presence'].map((event) => channel.on(event, people)),
      channel.on(':subscribed', () => {
        this.#tries = 0;
        this.#people = undefined;
        this.#look();
      }),
      channel.on(':unsubscribed', ({ reason }) => this.#look(new PolywireError(reason, undefined, { channel: channel.name }))),
      this.#connection.on('reset', () => this.#look()),
      this.#connection.on('state', () => this.#look(this.view.error)),
    ];
    if (channel.subscribed) this.#look();
    this.#subscribe(position);
  }

  /** @param {Position} [position] */
  #subscribe(position) {
    this.#channel.subscribe({ position, signal: this.#leaving.signal }).catch((error) => {
      if (this.#over) return;
      this.#look(error);
      // Who gives tokens may be away for a while, too.
      if (error instanceof PolywireError && !PASSING.includes(error.code)) return;
      const pause = error.retryAfter ?? Math.min(30_000, 500 * 2 ** this.#tries++);
      this.#timer = setTimeout(() => this.#subscribe(position), pause * (1 + Math.random()));
    });
  }

  #stop() {
    // One that was let go of twice has been stopped by then.
    if (this.#over) return;
    this.#over = true;
    this.#forget();
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
    this.#leaving.abort();
  }

  /** @param {Error} [error] */
  #look(error) {
    const { subscribed, snapshot } = this.#channel;
    const { state } = this.#connection;
    const open = subscribed && state !== 'closed' && state !== 'failed';
    if (!subscribed) this.#people = undefined;
    const { view } = this;
    const next = { subscribed: open, error: open ? undefined : error, snapshot };
    if (next.subscribed !== view.subscribed || next.error !== view.error || snapshot !== view.snapshot) this.view = next;
    this.#tell();
  }

  #tell() {
    for (const listener of [...this.#listeners]) listener();
  }
}
