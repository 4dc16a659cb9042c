'use client';
/**
 * Polywire for React 18 and later: one connection for a tree of components, and hooks on it. Nothing is opened while React
 * renders, and nothing at all on a server. See docs/react.md.
 */
/** @typedef {import('./hub.js').ConnectionView} ConnectionView */
/** @typedef {import('./topic.js').ChannelView} ChannelView */
/** @typedef {import('./topic.js').PresenceView} PresenceView */
/** @typedef {import('./hooks.js').ProviderProps} ProviderProps */
/** @typedef {import('./invalidate.js').Cache} Cache */
/** @template {object} [E=Record<string, any>] @typedef {import('./hooks.js').Handlers<E>} Handlers */
/** @template {object} [E=Record<string, any>] @typedef {import('./invalidate.js').Mapping<E>} Mapping */
/** @template [T=any] @typedef {import('./request.js').Answer<T>} Answer */
export { PolywireProvider, useChannel, useConnection, usePresence } from './hooks.js';
export { useInvalidate } from './invalidate.js';
export { useProvisional } from './provisional.js';
export { useRequest } from './request.js';
