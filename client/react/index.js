'use client';
/**
 * Polywire for React 18 and later: one connection for a tree of components, and hooks on it. Nothing is opened while React
 * renders, and nothing at all on a server. See docs/react.md.
 */
export { PolywireProvider, useChannel, useConnection, usePresence } from './hooks.js';
export { useInvalidate } from './invalidate.js';
export { useProvisional } from './provisional.js';
export { useRequest } from './request.js';
