/** Rendering on a server, where there is no page: nothing is opened, and what the page will show at first is what comes out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { QueryClient } from '@tanstack/react-query';
import { build } from 'esbuild';
import { createElement as h } from 'react';
import { renderToReadableStream, renderToString } from 'react-dom/server';
import {
  PolywireProvider, useChannel, useConnection, useInvalidate, usePresence, useProvisional, useRequest,
} from '@polywire/client/react';

class Never {
  constructor() {
    throw new Error('a connection was opened');
  }
}

const options = { WebSocket: Never, fetch: () => assert.fail('a connection was opened') };

function Everything() {
  const { state, connection, transport, user } = useConnection();
  const { subscribed, error, snapshot } = useChannel('chat:42', { ADDED: () => assert.fail() });
  const { members, count } = usePresence('chat:42', { state: 'online' });
  const { data, pending } = useRequest('orders.get', { id: 1 });
  const { live } = useInvalidate('orders', { ADDED: [['orders']] }, new QueryClient());
  const [shown] = useProvisional(['a'], (all, one) => [...all, one]);
  return JSON.stringify({ state, connection, transport, user, subscribed, error, snapshot, members, count, data, pending, live, shown });
}

const EXPECTED = {
  state: 'connecting', user: null, subscribed: false, members: [], count: 0, pending: true, live: false, shown: ['a'],
};
const page = h(PolywireProvider, { url: 'http://127.0.0.1:1/realtime', options }, h(Everything));
const text = (html) => JSON.parse(html.replaceAll('&quot;', '"'));

test('a string', () => assert.deepEqual(text(renderToString(page)), EXPECTED));

test('a stream', async () => {
  const stream = await renderToReadableStream(page);
  assert.deepEqual(text(await new Response(stream).text()), EXPECTED);
});

test('without a provider, a sentence says so', () => {
  assert.throws(() => renderToString(h(Everything)), /there is no <PolywireProvider> around this component/);
});

test('a mapping that leaves open what a gap invalidates is refused', () => {
  const Wrong = () => useInvalidate('orders', { ADDED: ({ payload }) => [[payload]] }, () => {}).live;
  assert.throws(() => renderToString(h(PolywireProvider, null, h(Wrong))), /"keys" has to say what to fetch after a gap, because "ADDED"/);
});

test('the entry is small, and has neither React nor the client in it', async () => {
  const { outputFiles: [file] } = await build({
    entryPoints: [new URL('../../react/index.js', import.meta.url).pathname], bundle: true, minify: true, format: 'esm', write: false,
    external: ['react', '@polywire/client'], logLevel: 'error',
  });
  const size = gzipSync(file.contents, { level: 9 }).length;
  assert.ok(size <= 4096, `${size} bytes`);
});
