/** The programs of docs/react.md, run in jsdom against the server at POLYWIRE_URL, which has the namespaces `chat` and `orders`. */
import './dom.js';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import { URL_GIVEN } from '../support/server.js';

const [{ h, name, run, until }, { createRoot }, { QueryClient, QueryClientProvider }] = await Promise.all([
  import('./kit.js'), import('react-dom/client'), import('@tanstack/react-query'),
]);
const skip = !URL_GIVEN && 'POLYWIRE_URL is not set';
const wire = globalThis.WebSocket ? 'websocket' : 'sse';
/** The components on the page. */
const page = {};
let folder;

before(async () => {
  const guide = await readFile(new URL('../../../docs/react.md', import.meta.url), 'utf8');
  // In the package, so that its own name and what it depends on are found from there.
  const target = new URL('../../target/', import.meta.url).pathname;
  await mkdir(target, { recursive: true });
  folder = await mkdtemp(`${target}react-docs-`);
  for (const [index, [, source]] of [...guide.matchAll(/^```jsx\n(.*?)^```$/gms)].entries()) {
    const { code } = await transform(source, { loader: 'jsx', jsx: 'automatic' });
    const file = `${folder}/block${index}.mjs`;
    await writeFile(file, code);
    Object.assign(page, await import(pathToFileURL(file)));
  }
});

after(() => rm(folder, { recursive: true }));

const text = (container) => container.textContent;
const click = (container) => container.querySelector('button').click();

test('the guide has no component that is not run here', () => {
  assert.deepEqual(Object.keys(page).sort(), ['App', 'Document', 'Feed', 'Notes', 'OrderCount', 'Orders']);
});

test('App', { skip }, async () => {
  const container = document.createElement('div');
  const root = createRoot(container);
  root.render(h(page.App, { url: URL_GIVEN }));
  try {
    await until(() => container.querySelector('section')?.getAttribute('aria-busy') === 'false');
    assert.equal(container.querySelector('[role=status]'), null);
    click(container);
    await until(() => container.querySelectorAll('li').length === 1);
    assert.equal(container.querySelector('li').textContent, 'hello');
  } finally {
    root.unmount();
  }
});

test('Document', { skip }, () => run(async (stage) => {
  const id = name('x').slice(2);
  const { container, show } = stage.mount(h(page.Document, { id, typing: false }));
  await until(() => text(container) === `1 here, 0 typing${JSON.stringify({ for: { document: id } })}`);
  show(h(page.Document, { id, typing: true }));
  await until(() => text(container).startsWith('1 here, 1 typing'));
}, URL_GIVEN, wire));

test('Orders, with TanStack Query', { skip }, () => run(async (stage) => {
  const other = await stage.other();
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, gcTime: Infinity } } });
  const orders = [1];
  const { container } = stage.mount(h(QueryClientProvider, { client }, h(page.Orders, { load: async () => [...orders] })));
  await until(() => text(container) === '1 orders');
  for (const event of ['ADDED', 'UPDATED']) {
    orders.push(orders.length + 1);
    await other.channel('orders:all').publish(event, { id: orders.length });
    await until(() => text(container) === `${orders.length} orders`);
  }
}, URL_GIVEN, wire));

test('OrderCount, with SWR', { skip }, () => run(async (stage) => {
  const other = await stage.other();
  const orders = [1];
  const { container } = stage.mount(h(page.OrderCount, { load: async () => [...orders] }));
  await until(() => text(container) === '1 orders' && stage.count('subscribe') === 1);
  await until(() => other.state === 'connected');
  orders.push(2);
  await other.channel('orders:all').publish('ADDED', 2);
  await until(() => text(container) === '2 orders');
}, URL_GIVEN, wire));

test('Notes', { skip }, () => run(async (stage) => {
  const { container, show } = stage.mount(h(page.Notes, { key: 1, channel: name('chat') }));
  const ready = () => until(() => container.querySelector('button')?.disabled === false);
  await ready();
  // The answer comes too soon for a look every now and then.
  const shown = [];
  const observer = new window.MutationObserver(() => shown.push(text(container)));
  observer.observe(container, { subtree: true, childList: true, characterData: true });
  click(container);
  await until(() => text(container) === 'a noteAdd');
  observer.disconnect();
  assert.equal(shown[0], 'a note …Add');
  show(h(page.Notes, { key: 2, channel: name('closed') }));
  await until(() => text(container) === 'Add');
  await ready();
  click(container);
  await until(() => text(container) === 'Not sent: forbiddenAdd');
}, URL_GIVEN, wire));

test('Feed', { skip }, () => run(async (stage) => {
  const channel = name('chat');
  const server = await stage.other();
  const { position } = await server.channel(channel).publish('ADDED', 'a');
  await server.channel(channel).publish('ADDED', 'b');
  const { container } = stage.mount(h(page.Feed, { channel, page: { items: ['a'], position } }));
  await until(() => text(container) === 'ab');
  await server.channel(channel).publish('ADDED', 'c');
  await until(() => text(container) === 'abc');
}, URL_GIVEN, wire));
