/** What the page tells: the network or the user is back, or the page goes. And what is kept for the next one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { later, lifetime, recall, remember } from '../src/environment.js';
import { ask, uplink } from '../src/http.js';
import { world } from './support/world.js';

const page = new EventTarget();
globalThis.addEventListener = page.addEventListener.bind(page);
const tell = (type, more) => page.dispatchEvent(Object.assign(new Event(type), more));

test('back online, the next attempt comes sooner, but not at once, and not before a retryAfter', async () => {
  const { clock, net, open, model } = world();
  const c = open({ transports: ['websocket'], clock: { now: clock.now, later: clock.later, random: () => 0.9 } });
  await clock.run(1000);
  net.down.add('websocket');
  net.cut();
  await clock.run(200_000);
  const before = net.opened.length;
  net.down.clear();
  for (let i = 0; i < 10; i++) tell('online');
  await clock.run(400);
  assert.equal(net.opened.length, before);
  await clock.run(800);
  assert.equal(net.opened.length, before + 1);
  await clock.run(10_000);
  assert.equal(c.state, 'connected');
  model.sessions.get(c.sessionId).conn.end(1013, { reconnect: 'resume', retryAfter: 60_000 });
  await clock.run(1000);
  tell('online');
  await clock.run(55_000);
  assert.equal(c.state, 'reconnecting');
  await clock.run(10_000);
  assert.equal(c.state, 'connected');
  await Promise.all([c.close(), clock.run(5000)]);
});

test('back in sight, a wire that died meanwhile is found within 5 s', async () => {
  const { clock, net, open } = world();
  const c = open();
  await clock.run(1000);
  tell('visibilitychange');
  await clock.run(6000);
  assert.equal(c.log.filter(([event]) => event === 'resumed').length, 0, 'this one lives');
  net.mute.add('websocket');
  tell('visibilitychange');
  await clock.run(6000);
  assert.equal(c.transport, 'sse');
  await Promise.all([c.close(), clock.run(5000)]);
});

for (const wire of ['websocket', 'sse', 'longpoll']) {
  test(`a page that goes says bye over ${wire}; one that is kept does not`, async () => {
    const { clock, open, model } = world();
    const c = open({ transports: [wire] });
    await clock.run(1000);
    tell('pagehide', { persisted: true });
    await clock.run(5000);
    assert.equal(c.state, 'connected');
    tell('pagehide', { persisted: false });
    await clock.run(5000);
    assert.equal(c.state, 'closed');
    assert.equal(model.sessions.size, 0);
  });
}

test('a page that goes while a POST is under way says bye by a request of its own, which outlives the page', async () => {
  const sent = [];
  const ctx = {
    url: 'http://a', credentials: 'same-origin', headers: () => ({}), later: () => () => {},
    batch: () => ({ first: 1, texts: ['{"type":"noop"}'] }),
    fetch: (url, init) => {
      sent.push(init);
      return new Promise(() => {}); // on its way
    },
  };
  const up = uplink(ctx);
  up.flush();
  await Promise.resolve();
  up.control({ type: 'bye', sent: 1 });
  assert.equal(sent.length, 1, 'a page that stays waits for its turn');
  up.control({ type: 'bye', sent: 1, reason: 'gone' });
  assert.deepEqual([sent.length, sent[1].keepalive, sent[1].body], [2, true, '[{"type":"bye","sent":1,"reason":"gone"}]']);
});

test('R3: only the name of the wire is stored, for an hour, and storage may be denied', () => {
  const store = {};
  globalThis.document = {};
  globalThis.localStorage = { getItem: (key) => store[key] ?? null, setItem: (key, value) => void (store[key] = value) };
  remember('http://a', 'sse');
  assert.match(store['polywire.transport http://a'], /^sse \d+$/);
  assert.equal(recall('http://a'), 'sse');
  assert.equal(recall('http://another'), undefined, 'one origin may have several servers');
  const later = (until) => {
    store['polywire.transport http://of-a-page-before'] = `sse ${until}`;
    return recall('http://of-a-page-before');
  };
  assert.deepEqual([later(Date.now() + 1000), later(Date.now() - 1)], ['sse', undefined]);
  delete globalThis.localStorage;
  Object.defineProperty(globalThis, 'localStorage', { configurable: true, get: () => {
    throw new Error('denied');
  } });
  remember('http://b', 'longpoll');
  assert.equal(recall('http://b'), 'longpoll');
  assert.equal(recall('http://c'), undefined);
  delete globalThis.localStorage;
  delete globalThis.document;
});

test('the network is back: a poll that nobody answers any more is overtaken, and a dead wire is found out soon', async () => {
  const { clock, net, open, model } = world();
  const c = open({ transports: ['longpoll'] });
  const got = [];
  c.on('message', ({ payload }) => got.push(payload));
  await clock.run(5000);
  const session = model.sessions.get(c.sessionId);
  model.detached(session.conn); // its address is another one now
  model.emit(session, { type: 'message', payload: 1, timestamp: 0 });
  await clock.run(1000);
  assert.deepEqual(got, []);
  for (let i = 0; i < 3; i++) tell('online');
  await clock.run(1000);
  assert.deepEqual(got, [1]);
  await clock.run(60_000);
  model.emit(session, { type: 'message', payload: 2, timestamp: 0 });
  await clock.run(1000);
  assert.deepEqual(got, [1, 2]);
  assert.deepEqual(c.log.filter(([event]) => event === 'state').map(([, { state }]) => state), ['connected']);
  net.mute.add('longpoll');
  tell('online');
  await clock.run(11_000);
  assert.equal(c.state, 'reconnecting');
  net.mute.clear();
  await clock.run(60_000);
  assert.equal(c.state, 'connected');
  assert.deepEqual(model.violations, []);
  await Promise.all([c.close(), clock.run(5000)]);
});

test('what is remembered is tried first', async () => {
  const { clock, net, open } = world();
  net.down.add('websocket');
  const c = open({ remember: true });
  await clock.run(5000);
  assert.equal(c.transport, 'sse');
  const other = open({ remember: true });
  await clock.run(1000);
  assert.equal(other.transport, 'sse');
  assert.equal(net.opened.at(-1)[1], 'sse');
  await Promise.all([c.close(), other.close(), clock.run(5000)]);
});

test('when a token expires', () => {
  const jwt = (claims) => `a.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c`;
  assert.equal(lifetime(jwt({ exp: 12, name: '÷ß?>' }), 5000), 7000);
  assert.equal(lifetime(jwt({ exp: 12, iat: 2 }), 90_000), 10_000, 'by the clock of its issuer');
  for (const token of [undefined, '', 'opaque', 'a.b.c', jwt({}), jwt({ exp: 'soon' })]) assert.ok(!lifetime(token, 0));
});

test('a network that comes and goes does not make attempts more frequent for long', async () => {
  const { clock, net, open } = world();
  ['websocket', 'sse', 'longpoll'].forEach((wire) => net.down.add(wire));
  const c = open({ clock: { now: clock.now, later: clock.later, random: () => 0.999 } });
  for (let i = 0; i < 6000; i++) {
    await clock.run(100);
    tell('online');
  }
  const times = net.opened.map(([time]) => time);
  const gaps = times.slice(1).map((time, i) => time - times[i]);
  assert.ok(times.length <= 33, `${times.length} attempts in ten minutes, where the backoff alone makes 25`);
  gaps.forEach((gap, i) => assert.ok(gap >= 0.999 * Math.min(30_000, 500 * 2 ** (i >> 1)), `gap ${i} is ${gap}`));
  await Promise.all([c.close(), clock.run(5000)]);
});

test('one look at a time after the wire, and none while the page is hidden', async () => {
  const { clock, net, open } = world();
  const c = open();
  await clock.run(1000);
  const pings = () => net.sent.filter(({ type }) => type === 'ping').length;
  for (let i = 0; i < 100; i++) tell('visibilitychange');
  await clock.run(100);
  assert.equal(pings(), 1);
  await clock.run(10_000);
  tell('visibilitychange');
  await clock.run(100);
  assert.equal(pings(), 2);
  await clock.run(10_000);
  globalThis.document = { hidden: true };
  tell('visibilitychange');
  await clock.run(100);
  assert.equal(pings(), 2);
  delete globalThis.document;
  await Promise.all([c.close(), clock.run(5000)]);
});

test('what worked is forgotten after an hour, in a page that lives that long', (t) => {
  const { now } = Date;
  t.after(() => (Date.now = now));
  remember('http://long', 'sse');
  Date.now = () => now() + 3_590_000;
  assert.equal(recall('http://long'), 'sse');
  Date.now = () => now() + 3_601_000;
  assert.equal(recall('http://long'), undefined);
});

test('a pause longer than a timer can take is not none', (t) => {
  const { setTimeout: real } = globalThis;
  t.after(() => (globalThis.setTimeout = real));
  const waits = [];
  globalThis.setTimeout = (run, ms) => void waits.push(ms);
  later(2 ** 40, () => {});
  later(1000, () => {});
  assert.deepEqual(waits, [2 ** 31 - 1, 1000]);
});

test('R41: Retry-After, in seconds, counts where the body says nothing', async () => {
  const answer = (body, header) => ask({
    url: 'http://a', headers: () => ({}),
    fetch: async () => ({ ok: false, status: 503, json: async () => JSON.parse(body), headers: new Headers(header && { 'Retry-After': header }) }),
  }, '/send', {});
  for (const [body, header, expected] of [
    ['<html>', '7', 7000], ['{"code":"try_later","retryAfter":1500}', '7', 1500], ['{"retryAfter":"soon"}', undefined, undefined],
    ['', 'Wed, 21 Oct 2015 07:28:00 GMT', undefined], ['{"retryAfter":-1}', '2', 2000],
  ]) assert.equal((await answer(body, header)).failure.retryAfter, expected, body);
});
