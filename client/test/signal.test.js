/** An AbortSignal ends whatever waits or listens, and leaves nothing of it behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish, states, world } from './support/world.js';

const REASON = new Error('enough');
/** A signal that counts who listens to it. */
const signals = () => {
  const controller = new AbortController();
  let ears = 0;
  const { addEventListener, removeEventListener } = controller.signal;
  controller.signal.addEventListener = (...args) => (ears++, addEventListener.apply(controller.signal, args));
  controller.signal.removeEventListener = (...args) => (ears--, removeEventListener.apply(controller.signal, args));
  return { signal: controller.signal, abort: () => controller.abort(REASON), ears: () => ears };
};

test('connect: the connection closes, what waits fails, and ready says why', async () => {
  const { clock, net, open, model } = world();
  const { signal, abort, ears } = signals();
  for (const wire of ['websocket', 'sse', 'longpoll']) net.down.add(wire);
  const never = open({ signal });
  const asked = never.request('echo', 1);
  await clock.run(3000);
  abort();
  await clock.run(3000);
  await assert.rejects(never.ready, REASON);
  await assert.rejects(asked, { code: 'closed' });
  assert.equal(never.state, 'closed');
  assert.equal(ears(), 0);
  net.down.clear();
  const before = net.opened.length;
  const late = open({ signal });
  await clock.run(3000);
  await assert.rejects(late.ready, REASON);
  assert.equal(net.opened.length, before, 'aborted before: nothing is opened');
  const other = signals();
  const one = open({ signal: other.signal });
  await clock.run(1000);
  await one.ready;
  other.abort();
  await clock.run(3000);
  assert.deepEqual(states(one), ['connected', 'closed']);
  assert.equal(model.sessions.size, 0, 'it said bye');
});

test('a connection that ends by itself does not stay with the signal', async () => {
  const { clock, open } = world();
  const { signal, ears } = signals();
  const c = open({ signal });
  await clock.run(1000);
  assert.equal(ears(), 1);
  await finish(clock, c);
  assert.equal(ears(), 0);
  open({ signal }).close();
  await clock.run(1000);
  assert.equal(ears(), 0, 'closed before it began');
});

test('subscribe: aborting unsubscribes, before and after the answer, and only that subscription', async () => {
  const { clock, open, net } = world();
  const c = open();
  const channel = c.channel('test:1');
  const early = signals();
  const subscribing = channel.subscribe({ signal: early.signal });
  early.abort();
  await assert.rejects(subscribing, REASON);
  await assert.rejects(channel.subscribe({ signal: early.signal }), REASON);
  assert.equal(early.ears(), 0);

  const { signal, abort, ears } = signals();
  const got = [];
  channel.on('E', (m) => got.push(m.payload));
  channel.subscribe({ signal });
  await clock.run(1000);
  assert.ok(channel.subscribed);
  await Promise.all([channel.publish('E', 1), clock.run(1000)]);
  abort();
  await clock.run(1000);
  assert.ok(!channel.subscribed);
  assert.equal(net.sent.filter(({ type }) => type === 'unsubscribe').length, 2);
  assert.equal(ears(), 0);

  const old = signals();
  channel.subscribe({ signal: old.signal });
  await clock.run(1000);
  channel.unsubscribe();
  channel.subscribe();
  await clock.run(1000);
  assert.equal(old.ears(), 0);
  old.abort();
  await clock.run(1000);
  assert.ok(channel.subscribed, 'that is another subscription');
  assert.deepEqual(got, [1]);
  await finish(clock, c);
});

test('publish, request, presence, setState, history: the promise fails with the reason, and what was not sent is not sent', async () => {
  const { clock, net, open } = world();
  for (const wire of ['websocket', 'sse', 'longpoll']) net.down.add(wire);
  const c = open();
  const channel = c.channel('test:1');
  const { signal, abort, ears } = signals();
  const calls = () => [
    channel.publish('E', 1, { signal }), channel.presence({ signal }), channel.setState('away', { signal }),
    channel.history({ signal }), c.request('echo', 1, { signal }),
  ];
  const waiting = calls();
  assert.equal(ears(), waiting.length);
  abort();
  for (const one of [...waiting, ...calls()]) await assert.rejects(one, REASON);
  assert.equal(ears(), 0);
  net.down.clear();
  await clock.run(60_000);
  assert.equal(c.state, 'connected');
  const types = net.sent.map(({ type }) => type);
  for (const type of ['publish', 'presence', 'history', 'request']) assert.ok(!types.includes(type), type);
  await finish(clock, c);
});

test('on: a listener goes with its signal, of a connection and of a channel; one that was aborted before is never there', async () => {
  const { clock, open } = world();
  const c = open();
  const channel = c.channel('test:1');
  const { signal, abort, ears } = signals();
  const got = [];
  channel.subscribe();
  channel.on('E', (m) => got.push(['E', m.payload]), { signal });
  channel.on('*', (m) => got.push(['*', m.payload]), { signal });
  channel.on(':join', () => got.push([':join']), { signal });
  c.on('state', ({ state }) => got.push([state]), { signal });
  channel.on('E', () => got.push('gone'), { signal })();
  assert.equal(ears(), 4);
  await Promise.all([channel.publish('E', 1), clock.run(1000)]);
  abort();
  assert.equal(ears(), 0);
  channel.on('E', () => got.push('never'), { signal });
  await Promise.all([channel.publish('E', 2), clock.run(1000)]);
  assert.deepEqual(got.filter(([what]) => what !== ':join'), [['connected'], ['*', 1], ['E', 1]]);
  await finish(clock, c);
});

test('onRequest: a handler goes with its signal or its function, but not with those of one before; refresh ends its waiting', async () => {
  const { clock, open, model } = world();
  const c = open();
  await clock.run(1000);
  const answers = [];
  const { effect } = model;
  model.effect = (session, frame) => (frame.id === 'q' ? answers.push(frame.payload ?? frame.code) : frame.type !== 'refresh' && effect.call(model, session, frame));
  const ask = async () => {
    model.emit(model.sessions.get(c.sessionId), { type: 'request', id: 'q', event: 'who' });
    await clock.run(1000);
  };
  const { signal, abort } = signals();
  const off = c.onRequest(() => 'first');
  await ask();
  c.onRequest(() => 'second', { signal });
  off();
  await ask();
  abort();
  await ask();
  c.onRequest(() => 'never', { signal });
  await ask();
  c.onRequest(() => 'third')();
  await ask();
  assert.deepEqual(answers, ['first', 'second', 'not_found', 'not_found', 'not_found']);
  await assert.rejects(c.refresh('t', { signal }), REASON);
  await finish(clock, c);
});

test('for await: the loop throws the reason, and the others go on', async () => {
  const { clock, open } = world();
  const c = open();
  const channel = c.channel('test:1');
  channel.subscribe();
  const { signal, abort, ears } = signals();
  const got = [];
  const loop = async (options) => {
    for await (const { payload } of channel.messages(options)) got.push(payload);
  };
  const mine = loop({ signal });
  mine.catch(() => {});
  const ended = loop();
  await Promise.all([channel.publish('E', 1), clock.run(1000)]);
  abort();
  await assert.rejects(mine, REASON);
  await assert.rejects(loop({ signal }), REASON);
  await Promise.all([channel.publish('E', 2), clock.run(1000)]);
  channel.unsubscribe();
  await ended;
  assert.deepEqual(got, [1, 1, 2]);
  assert.equal(ears(), 0);
  await finish(clock, c);
});
