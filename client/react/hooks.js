/** The provider and the hooks that look at its connection. */
import {
  createContext, createElement, useCallback, useContext, useEffect, useInsertionEffect, useMemo, useRef, useSyncExternalStore,
} from 'react';
import { PolywireError } from '@polywire/client';
import { BEFORE, Hub } from './hub.js';
import { NOBODY, OUTSIDE, topicAt } from './topic.js';

/** @typedef {import('./topic.js').Joining} Joining */
/** @typedef {import('./topic.js').TokenSource} TokenSource */
/** @typedef {import('@polywire/client').News} News */

/**
 * @template {object} [E=Record<string, any>] the payloads by event
 * @typedef {import('@polywire/client').Channel<E>} Channel
 */

/**
 * What is called for what comes: by event, `'*'` for all messages, and the channel's own news.
 * @template {object} [E=Record<string, any>]
 * @typedef {{[K in (keyof E & string) | keyof News | '*']?: (heard: import('@polywire/client').Heard<E, K>) => any}} Handlers
 */

const Context = createContext(/** @type {Hub | undefined} */ (undefined));

/** The provider's hub. @returns {Hub} */
export function useHub() {
  const hub = useContext(Context);
  if (!hub) throw new Error('there is no <PolywireProvider> around this component');
  return hub;
}

/**
 * What was rendered last, for those who look at it later: in effects, and in what comes from the network.
 * @template T
 * @param {T} value
 * @returns {{current: T}}
 */
export function useLatest(value) {
  const ref = useRef(value);
  useInsertionEffect(() => {
    ref.current = value;
  });
  return ref;
}

/**
 * @typedef {object} ProviderProps
 * @property {string} [url] of the mount path, e.g. `/realtime`
 * @property {import('./hub.js').Options} [options] as for `connect`
 * @property {import('./hub.js').Connection} [connection] instead of a url
 * @property {import('react').ReactNode} [children]
 */

/**
 * Gives the components in it one connection. With `url` it is opened when the provider has been mounted and closed after it
 * is gone; another `url` is another connection. Of the options, the token function is always the latest, and the rest is
 * read on opening. A `connection` of your own is neither opened nor closed.
 * @param {ProviderProps} props
 */
export function PolywireProvider({ url, options, connection, children }) {
  const hub = useMemo(() => new Hub(url, connection), [url, connection]);
  useInsertionEffect(() => {
    hub.options = options ?? {};
  });
  useEffect(() => hub.hold(), [hub]);
  return createElement(Context.Provider, { value: hub }, children);
}

/** The connection, and how it is. @returns {import('./hub.js').ConnectionView} */
export function useConnection() {
  const hub = useHub();
  return useSyncExternalStore(hub.subscribe, () => hub.view, () => BEFORE);
}

/**
 * Joins a channel, and sees something of it.
 * @template T
 * @param {Hub} hub
 * @param {string | null | undefined} name
 * @param {{current: Joining}} how
 * @param {(topic: NonNullable<ReturnType<typeof topicAt>>) => T} select
 * @param {T} otherwise
 * @returns {T}
 */
function useTopic(hub, name, how, select, otherwise) {
  const subscribe = useCallback((/** @type {() => void} */ changed) => {
    return name ? hub.join(name, { ...how.current, changed }) : () => {};
  }, [hub, name, how]);
  const look = () => {
    const topic = name ? topicAt(hub.connection, name) : undefined;
    return topic ? select(topic) : otherwise;
  };
  return useSyncExternalStore(subscribe, look, () => otherwise);
}

/**
 * Subscribes to a channel while the component is mounted, and hands its messages to the handlers. Components that want the
 * same channel share one subscription.
 * @template {object} [E=Record<string, any>] the payloads by event
 * @param {string | null | undefined} name without one there is no subscription
 * @param {Handlers<E>} [handlers] by event, `'*'` for all, and the channel's own news, such as
 *   `':gap'`; those of the last render are called
 * @param {{position?: Joining['position'], token?: TokenSource}} [options] position: go on after this message, for instance
 *   the last one that the server has rendered; token: where the channel asks for one of its own. The first component to
 *   subscribe decides
 * @returns {import('./topic.js').ChannelView & {publish: Channel<E>['publish']}} what `publish` returns resolves when the server
 *   has accepted the message and, if the channel has a history, the handlers here have had it
 */
export function useChannel(name, handlers, options) {
  const hub = useHub();
  const how = useLatest(options ?? {});
  const latest = useLatest(handlers);
  const view = useTopic(hub, name, how, (topic) => topic.view, OUTSIDE);
  useEffect(() => {
    if (!name) return;
    return hub.join(name, {
      ...how.current,
      hear: (event, detail) => {
        /** @type {Record<string, any>} */ const current = latest.current ?? {};
        return Object.hasOwn(current, event) ? current[event](detail) : undefined;
      },
    });
  }, [hub, name, how, latest]);
  const publish = useCallback(/** @type {Channel<E>['publish']} */ ((/** @type {any[]} */ ...what) => {
    const topic = name ? topicAt(hub.connection, name) : undefined;
    const published = topic ? topic.publish(.../** @type {Parameters<Channel['publish']>} */ (what)) : Promise.reject(new PolywireError('closed'));
    published.catch(() => {}); // is for who waits for it
    return published;
  }), [hub, name]);
  return useMemo(() => ({ ...view, publish }), [view, publish]);
}

/**
 * Sees who is in a channel, which it subscribes to, and may tell a state of its own.
 * @param {string | null | undefined} name
 * @param {{state?: any, token?: TokenSource}} [options] state: our own, e.g. `'away'`; told again when it is another one
 * @returns {import('./topic.js').PresenceView & {subscribed: boolean}}
 */
export function usePresence(name, { state, token } = {}) {
  const hub = useHub();
  const how = useLatest({ token });
  const { members, count } = useTopic(hub, name, how, (topic) => topic.people, NOBODY);
  const subscribed = useTopic(hub, name, how, (topic) => topic.view.subscribed, false);
  const told = state === undefined ? undefined : JSON.stringify(state);
  useEffect(() => {
    if (name && subscribed && told !== undefined) void topicAt(hub.connection, name)?.setState(JSON.parse(told));
  }, [hub, name, subscribed, told]);
  return useMemo(() => ({ members, count, subscribed }), [members, count, subscribed]);
}
