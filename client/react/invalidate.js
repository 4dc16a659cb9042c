/** Keeps the caches of TanStack Query and SWR in step with a channel. */
import { useEffect, useRef } from 'react';
import { useChannel, useConnection, useLatest } from './hooks.js';

/** @typedef {{invalidateQueries: (filters?: any) => Promise<any>}} Queries TanStack's `QueryClient` */
/** @typedef {(key: any) => Promise<any>} Mutate SWR's `mutate` */
/** @typedef {Queries | Mutate} Cache */

/**
 * A list of query keys, or what makes one of a message.
 * @template [M=any]
 * @typedef {readonly any[] | ((message: M) => readonly any[])} Keys
 */

/**
 * Which keys an event (or `'*'`, any) makes invalid.
 * @template {object} [E=Record<string, any>] the payloads by event
 * @typedef {{[K in (keyof E & string) | '*']?: Keys<import('@polywire/client').Heard<E, K>>}} Mapping
 */

/** Keys that may wait for a refetch; with more, everything is invalid. */
const MOST = 1000;
/** How long a refetch may keep the next one waiting. */
const PATIENCE = 10_000;

/** Collects keys and invalidates them together, never while an earlier refetch is still under way. */
class Refetches {
  /** @type {Map<any, any>} */ #keys = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #everything = false;
  #busy = false;
  #stopped = false;
  #cache;
  #wait;

  /**
   * @param {{current: Cache}} cache
   * @param {number} wait
   */
  constructor(cache, wait) {
    this.#cache = cache;
    this.#wait = wait;
  }

  /** @param {readonly any[]} keys */
  add(keys) {
    for (const key of keys) this.#keys.set(typeof key === 'function' ? key : JSON.stringify(key), key);
    if (this.#keys.size > MOST) {
      this.#everything = true;
      this.#keys.clear();
    }
    this.#arm();
  }

  /** No more comes; what was collected is invalidated without waiting, as the cache outlives the component. */
  stop() {
    clearTimeout(this.#timer);
    this.#stopped = true;
    this.#arm();
  }

  #arm() {
    if (this.#busy || !(this.#everything || this.#keys.size)) return;
    if (this.#stopped) void this.#run();
    else this.#timer ??= setTimeout(() => this.#run(), this.#wait);
  }

  async #run() {
    const cache = this.#cache.current;
    const keys = this.#everything ? [() => true] : [...this.#keys.values()];
    this.#everything = false;
    this.#keys.clear();
    this.#busy = true;
    /** @type {ReturnType<typeof setTimeout> | undefined} */ let patience;
    await Promise.race([
      // A refetch that fails is for the cache to tell.
      Promise.allSettled(keys.map(async (key) => {
        if (typeof cache === 'function') return cache(key);
        return cache.invalidateQueries(typeof key === 'function' ? { predicate: key } : { queryKey: key });
      })),
      new Promise((resolve) => {
        patience = setTimeout(resolve, PATIENCE);
      }),
    ]);
    clearTimeout(patience);
    this.#timer = undefined;
    this.#busy = false;
    this.#arm();
  }
}

/**
 * Invalidates what a cache holds under some keys when events come in a channel: mounted queries are fetched again. Also
 * once when the subscription begins, for what was fetched shortly before, and after a gap; and at intervals while nothing
 * comes, because there is no connection or no subscription.
 * @template {object} [E=Record<string, any>] the payloads by event
 * @param {string | null | undefined} name the channel's
 * @param {Mapping<E>} mapping which keys an event (or `'*'`, any) makes invalid: always a list of keys
 * @param {Cache} cache TanStack's query client, or SWR's `mutate`
 * @param {object} [options]
 * @param {readonly any[]} [options.keys] what to invalidate when it is not known what has been missed; default: all lists in
 *   the mapping, so it has to be given when there are functions in it
 * @param {number} [options.pollEvery] milliseconds between two fetches while nothing comes; default 30 000, 0 for none. A
 *   hidden page does not poll
 * @param {number} [options.wait] milliseconds in which events are taken together; default 50
 * @param {import('./topic.js').TokenSource} [options.token] where the channel asks for one of its own
 * @returns {{live: boolean}} whether events come; otherwise the cache is polled for
 */
export function useInvalidate(name, mapping, cache, { keys, pollEvery = 30_000, wait = 50, token } = {}) {
  const lists = /** @type {[string, Keys][]} */ (Object.entries(mapping));
  const unknown = lists.find(([, list]) => typeof list === 'function');
  if (unknown && !keys) {
    throw new TypeError(`useInvalidate: "keys" has to say what to fetch after a gap, because "${unknown[0]}" has a function`);
  }
  const all = useLatest(keys ?? lists.flatMap(([, list]) => list));
  const latest = useLatest(cache);
  const refetches = useRef(/** @type {Refetches | undefined} */ (undefined));
  /** Whether we have heard the subscription begin. */
  const begun = useRef(false);
  useEffect(() => {
    begun.current = false;
    const mine = (refetches.current = new Refetches(latest, wait));
    return () => mine.stop();
  }, [name, wait, latest]);

  const every = () => refetches.current?.add(all.current);
  /** @type {Record<string, (detail: any) => void>} */
  const handlers = Object.fromEntries(lists.map(([event, list]) => [
    event, (message) => refetches.current?.add(typeof list === 'function' ? list(message) : list),
  ]));
  // What follows a position that is recovered comes as messages.
  handlers[':subscribed'] = ({ recovered }) => {
    begun.current = true;
    if (!recovered) every();
  };
  handlers[':gap'] = every;
  const { subscribed } = useChannel(name, handlers, { token });
  useEffect(() => {
    // Others had subscribed before: events come from now on, and nobody says so.
    if (subscribed && !begun.current) refetches.current?.add(all.current);
    begun.current ||= subscribed;
  }, [name, wait, subscribed, all]);
  const live = useConnection().state === 'connected' && subscribed;

  useEffect(() => {
    if (!name || live || !pollEvery) return;
    const timer = setInterval(() => globalThis.document?.hidden || refetches.current?.add(all.current), pollEvery);
    return () => clearInterval(timer);
  }, [name, live, pollEvery, all]);
  return { live };
}
