/**
 * Compiled, never run: a module of an application whose own types are inferred from ours. The declarations that TypeScript makes
 * of it may name nothing but what the package exports.
 */
import { connect } from '@polywire/client';
import { useChannel, useConnection, useInvalidate, usePresence, useProvisional, useRequest } from '@polywire/client/react';

interface Chat {
  ADDED: { id: number; text: string };
}

export const connection = connect('/realtime');
export const chat = connection.channel<Chat>('chat:42');
export const enter = () => chat.subscribe();
export const members = () => chat.members;
export const ask = () => chat.presence();
export const read = () => chat.history();
export const publish = chat.publish;
export const listen = connection.on;
export const hear = chat.on;

export const useRoom = () => useChannel<Chat>('chat:42');
export const useWire = () => useConnection();
export const usePeople = () => usePresence('chat:42');
export const useOrders = () => useRequest<number[]>('orders');
export const useLive = () => useInvalidate<Chat>('chat:42', { ADDED: [['chat']] }, async (key) => key);
export const useShown = () => useProvisional(['a'], (all: string[], one: string) => [...all, one]);
