/** Runs the programs of docs/recipes-vue-svelte.md with the real Vue and Svelte, and the real client against a server at POLYWIRE_URL. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';

const here = fileURLToPath(new URL('.', import.meta.url));
const page = readFileSync(join(here, '../recipes-vue-svelte.md'), 'utf8');
const folder = mkdtempSync(join(here, 'node_modules/.recipes-')); // where imports of vue and svelte are found
const client = new URL('../../client/dist/client.js', import.meta.url).href;
const url = process.env.POLYWIRE_URL;

after(async () => {
  await realtime()?.close();
  rmSync(folder, { recursive: true });
});

/** Writes the block that begins with a comment of its file's name, and loads it. */
async function load(file) {
  const block = page.match(new RegExp('^```js\\n(// ' + file + '\\n.*?)^```$', 'ms'))[1];
  writeFileSync(join(folder, file), block.replace("'@polywire/client'", `'${client}'`)
    .replace("connect('/realtime', { token: () => fetchToken() })", `connect('${url}')`));
  return import(pathToFileURL(join(folder, file)).href);
}

async function until(what, condition) {
  const end = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const { realtime } = await load('realtime.js');
/** A channel of the page's connection. */
const at = (name) => realtime().channel(name);
const texts = (messages) => messages.map(({ payload }) => payload.text);

test('on a server that renders pages both give what a page begins with, and nothing is opened', async () => {
  const { createSSRApp, h } = await import('vue');
  const { renderToString } = await import('vue/server-renderer');
  const { useChannel, useConnection } = await load('useChannel.js');
  const app = createSSRApp({
    setup() {
      const { messages, members, error } = useChannel('test:rendered');
      const state = useConnection();
      return () => h('p', [state.value, messages.value.length, members.value.length, String(error.value)].join(' '));
    },
  });
  assert.equal(await renderToString(app), '<p>connecting 0 0 null</p>');
  const { get } = await import('svelte/store');
  const { channelStore, connectionState } = await load('channel.js');
  assert.deepEqual([get(channelStore('test:rendered')), get(connectionState)], [[], 'connecting']);
  assert.equal(realtime(), undefined);
  globalThis.window = globalThis; // a page from here on
});

test('Vue: messages come, two components share the channel, and the last one leaves it', async () => {
  const { effectScope } = await import('vue');
  const { useChannel, useConnection } = await load('useChannel.js');
  const scopes = [effectScope(), effectScope()];
  const [one, two] = scopes.map((scope) => scope.run(() => useChannel('test:vue', { limit: 2 })));
  const state = scopes[0].run(() => useConnection());
  const channel = at('test:vue');
  await until('subscribed', () => channel.subscribed && one.members.value.length === 1);
  assert.equal(state.value, 'connected');
  for (const text of ['a', 'b', 'c']) await one.publish('said', { text });
  await until('the messages', () => two.messages.value.length === 2);
  assert.deepEqual(texts(one.messages.value), ['b', 'c']);
  assert.equal(new Set([...one.messages.value, ...two.messages.value].map(({ id }) => id)).size, 4, 'keys');
  scopes[0].stop();
  assert.ok(channel.subscribed);
  await two.publish('said', { text: 'd' });
  await until('one more', () => texts(two.messages.value).includes('d'));
  assert.deepEqual(texts(one.messages.value), ['b', 'c'], 'who has gone hears nothing');
  scopes[1].stop();
  assert.ok(!channel.subscribed);
});

test('Svelte: a store subscribes with its first subscriber and leaves with its last', async () => {
  const { get } = await import('svelte/store');
  const { channelStore, connectionState } = await load('channel.js');
  const store = channelStore('test:svelte', { limit: 2 });
  assert.equal(channelStore('test:svelte'), store);
  const channel = at('test:svelte');
  assert.ok(!channel.subscribed);
  let messages;
  const stop = [store.subscribe((all) => (messages = all)), store.subscribe(() => {})];
  await until('subscribed', () => channel.subscribed);
  assert.equal(get(connectionState), 'connected');
  for (const text of ['a', 'b', 'c']) await store.publish('said', { text });
  await until('the messages', () => messages.length === 2 && texts(messages).includes('c'));
  assert.deepEqual(texts(messages), ['b', 'c']);
  stop[0]();
  assert.ok(channel.subscribed);
  stop[1]();
  assert.ok(!channel.subscribed);
  const again = store.subscribe((all) => (messages = all));
  await until('subscribed again', () => channel.subscribed);
  assert.deepEqual(messages, []);
  again();
});
