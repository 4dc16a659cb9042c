/** Compiled, never run: how an application sees the types of the hooks, as they are published. Each expected error has to be one. */
import { createElement } from 'react';
import { connect } from '@polywire/client';
import {
  PolywireProvider, useChannel, useConnection, useInvalidate, usePresence, useProvisional, useRequest,
} from '@polywire/client/react';

interface Chat {
  ADDED: { id: number; text: string };
  DELETED: { id: number };
}

export function Page(): unknown {
  const { state, connection, error } = useConnection();
  const failed: boolean = state === 'failed';
  void [failed, error?.message, error?.code, connection?.channel<Chat>('chat:42').position];

  const { subscribed, publish, snapshot, error: refused } = useChannel<Chat>('chat:42', {
    ADDED: ({ payload, user }) => void [payload.text.length, user?.length],
    // @ts-expect-error only what is added has a text
    DELETED: ({ payload }) => void payload.text,
    '*': ({ payload }) => void payload.id.toFixed(),
    ':gap': ({ reason, count }) => void [reason.length, count?.toFixed()],
  }, { position: { epoch: 'e', offset: 1 } });
  // @ts-expect-error no event has this name
  useChannel<Chat>('chat:42', { CHANGED: () => {} });
  void publish('ADDED', { id: 1, text: 'hello' }).then(({ duplicate }) => duplicate);
  // @ts-expect-error the text is missing
  void publish('ADDED', { id: 1 });
  void [subscribed, snapshot, refused?.code, refused?.retryAfter];
  // Without a type, a channel takes anything.
  void useChannel('news:1', { anything: ({ payload }) => void payload.whatever }).publish('anything', [1]);
  useChannel(null);

  const { members, count } = usePresence('chat:42', { state: 'away' });
  void [members[0]?.user, count.toFixed()];
  const { data, pending, refresh, error: failure } = useRequest<{ total: number }>('orders.total', { year: 2026 });
  void [data?.total.toFixed(), pending, refresh, failure?.code];
  // @ts-expect-error it is no string
  void data?.length;
  void useRequest('anything').data.whatever;

  useInvalidate<Chat>('chat:42', { ADDED: ({ payload }) => [['chat', payload.id]], '*': [['chats']] }, async (key) => key, { keys: [['chat']] });
  // @ts-expect-error no event has this name
  useInvalidate<Chat>('chat:42', { CHANGED: [['chat']] }, async (key) => key);
  // @ts-expect-error messages of this event have no such field
  useInvalidate<Chat>('chat:42', { DELETED: ({ payload }) => [payload.text] }, async (key) => key, { keys: [] });
  const [shown, attempt] = useProvisional(['a'], (all: string[], one: string) => [...all, one]);
  void attempt('b', async (one) => one.length).then((length) => length.toFixed());
  return createElement(PolywireProvider, { url: '/realtime', options: { transports: ['sse'] } }, shown.join());
}

// @ts-expect-error there is no such option
createElement(PolywireProvider, { url: '/realtime', options: { transport: 'sse' } });
createElement(PolywireProvider, { connection: connect() });
