/** One channel as the application sees it: its messages, gaps, members and subscriptions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events, finish, world } from './support/world.js';

test('subscribing again after a lost session is retried when the server is busy, and given up when it says no', async () => {
  const { clock, open, model } = world();
  const c = open({ transports: ['websocket'] });
  const [a, b] = [c.channel('test:a'), c.channel('test:b')];
  const out = [];
  b.on(':unsubscribed', ({ reason }) => out.push(reason));
  a.subscribe();
  b.subscribe();
  await clock.run(1000);
  let busy = 3;
  model.denies = (name) => (name === 'test:b' ? { code: 'forbidden' } : busy-- > 0 && { code: 'rate_limited', retryAfter: 1000 });
  model.sessions.clear();
  c.dropWire();
  await clock.run(30_000);
  assert.ok(a.subscribed);
  assert.ok(!b.subscribed);
  assert.deepEqual(out, ['forbidden']);
  await finish(clock, c);
});

test('R34: messages outside subscribed and unsubscribed are dropped', async () => {
  const { clock, open, model } = world();
  const c = open();
  const channel = c.channel('test:1');
  const got = [];
  channel.on('*', (m) => got.push(m.payload));
  await clock.run(1000);
  const session = model.sessions.get(c.sessionId);
  const say = (payload) => model.emit(session, { type: 'message', channel: 'test:1', payload });
  say('before');
  channel.subscribe();
  await clock.run(1000);
  say('in');
  await clock.run(1000);
  channel.unsubscribe();
  say('after');
  channel.subscribe();
  say('still after');
  await clock.run(1000);
  say('in again');
  await clock.run(1000);
  model.emit(session, { type: 'unsubscribed', channel: 'test:1', reason: 'denied' });
  say('out');
  await clock.run(1000);
  assert.deepEqual(got, ['in', 'in again']);
  assert.ok(!channel.subscribed);
  await finish(clock, c);
});

test('R32: a gap moves the position, and is told', async () => {
  const { clock, open, model } = world();
  const c = open();
  const channel = c.channel('test:1');
  const gaps = [];
  channel.on(':gap', (gap) => gaps.push(gap));
  channel.subscribe();
  await clock.run(1000);
  model.emit(model.sessions.get(c.sessionId), { type: 'gap', channel: 'test:1', reason: 'epoch', position: { epoch: 'e2', offset: 9 }, count: 4 });
  await clock.run(1000);
  assert.deepEqual(channel.position, { epoch: 'e2', offset: 9 });
  assert.deepEqual(gaps, [{ channel: 'test:1', reason: 'epoch', position: { epoch: 'e2', offset: 9 }, count: 4 }]);
  assert.deepEqual(events(c, 'gap'), gaps);
  await finish(clock, c);
});

test('R35: members are versioned; on a jump the list is asked for again', async () => {
  const { clock, open, model } = world();
  const c = open();
  const channel = c.channel('test:1');
  channel.subscribe();
  await clock.run(1000);
  const session = model.sessions.get(c.sessionId);
  const member = (name) => ({ session: name, user: null, state: 'online', since: 0 });
  const join = (name, version) => model.emit(session, { type: 'join', channel: 'test:1', member: member(name), count: 9, version });
  const names = () => channel.members.map((m) => m.session).filter((name) => name !== c.sessionId);
  join('x', 2);
  join('x', 2);
  join('old', 1);
  await clock.run(1000);
  assert.deepEqual(names(), ['x']);
  const target = model.channel('test:1');
  target.members.set('y', member('y')).set('z', member('z'));
  target.version = 5;
  join('z', 5);
  await clock.run(1000);
  assert.deepEqual(names(), ['y', 'z']);
  model.emit(session, { type: 'leave', channel: 'test:1', member: member('y'), count: 2, version: 6 });
  await clock.run(1000);
  assert.deepEqual(names(), ['z']);
  assert.equal(channel.count, 2);
  await finish(clock, c);
});

test('R37: confirming, by hand and by itself; what was confirmed is not handed over again', async () => {
  const { clock, open, model } = world();
  const c = open();
  const auto = open({ autoConfirm: true });
  const acks = [];
  const effect = model.effect.bind(model);
  model.effect = (session, frame) => (frame.type === 'ack' ? acks.push([session.id, frame.id]) : effect(session, frame));
  const got = [];
  c.channel('test:1').on('*', (m) => got.push(m));
  const seen = [];
  auto.channel('test:1').on('*', (m) => {
    seen.push(m.payload);
    if (m.payload === 'bad' && !m.attempt) throw new Error('a handler that fails');
  });
  c.channel('test:1').subscribe();
  auto.channel('test:1').subscribe();
  await clock.run(1000);
  const [mine, other] = [c, auto].map((one) => model.sessions.get(one.sessionId));
  const say = (session, payload, confirm, attempt) => model.emit(session, { type: 'message', channel: 'test:1', payload, confirm, attempt });
  say(mine, 1, 'c1');
  say(mine, 1, 'c1', 2);
  say(other, 'good', 'c2');
  say(other, 'bad', 'c3');
  await clock.run(1000);
  assert.deepEqual(got.map((m) => [m.attempt, m.needsConfirm]), [[undefined, true], [2, true]]);
  got[0].confirm();
  got[1].confirm();
  say(mine, 1, 'c1', 3);
  say(mine, 2);
  say(other, 'bad', 'c3', 2);
  await clock.run(1000);
  got[2].confirm();
  await clock.run(1000);
  assert.equal(got.length, 3, 'the third time it was known');
  assert.deepEqual(acks, [[other.id, 'c2'], [mine.id, 'c1'], [other.id, 'c3']]);
  assert.deepEqual(seen, ['good', 'bad', 'bad']);
  assert.equal(events(auto, 'error')[0].message, 'a handler that fails');
  await finish(clock, c, auto);
});

test('history gives messages as they come live, which nobody has to confirm', async () => {
  const { clock, open, net } = world();
  const c = open({ transports: ['websocket'] });
  const channel = c.channel('test:1');
  const live = [];
  channel.on('*', (m) => live.push(m));
  channel.subscribe();
  for (const n of [1, 2]) channel.publish('E', n, { confirm: true });
  const [{ messages, position }] = await Promise.all([channel.history(), clock.run(1000)]);
  assert.deepEqual(messages.map((m) => [m.payload, m.position, m.needsConfirm]), [1, 2].map((n) => [n, { epoch: 'e1', offset: n }, false]));
  assert.deepEqual(messages.map((m) => Object.keys(m)), live.map((m) => Object.keys(m)));
  for (const message of messages) message.confirm();
  await clock.run(1000);
  assert.deepEqual(net.sent.filter(({ type }) => type === 'ack'), []);
  assert.deepEqual(position, { epoch: 'e1', offset: 2 });
  await finish(clock, c);
});

test('for await: bounded, and told when it falls behind', async () => {
  const { clock, open } = world();
  const c = open({ bufferLimit: 3 });
  const channel = c.channel('test:1');
  const gaps = [];
  channel.on(':gap', (gap) => gaps.push(gap));
  const got = [];
  const iterator = channel[Symbol.asyncIterator]();
  channel.subscribe();
  for (let n = 1; n <= 5; n++) channel.publish('E', n);
  await clock.run(1000);
  for (let i = 0; i < 3; i++) got.push((await iterator.next()).value.payload);
  assert.deepEqual(got, [3, 4, 5]);
  assert.deepEqual(gaps, [{ channel: 'test:1', reason: 'overflow', count: 2, local: true }]);
  const waiting = iterator.next();
  channel.publish('E', 6);
  await clock.run(1000);
  assert.equal((await waiting).value.payload, 6);
  await iterator.return();
  assert.equal((await iterator.next()).done, true);
  await finish(clock, c);
});

test('for await: one that begins after the end ends, also on a channel that was not there before', async () => {
  const { clock, open } = world();
  const c = open();
  const channel = c.channel('test:1');
  channel.subscribe();
  await clock.run(1000);
  await finish(clock, c);
  for (const one of [channel, c.channel('test:2')]) for await (const message of one) assert.fail(message);
});

test('a state that is refused, or withdrawn before it was sent, is not set in the next session; the one before is', async () => {
  const { clock, open, model, net } = world();
  const c = open({ transports: ['websocket'] });
  const channel = c.channel('test:1');
  channel.subscribe();
  channel.setState('here');
  await clock.run(1000);
  const again = async () => {
    model.sessions.clear();
    c.dropWire();
    await clock.run(10_000);
    return model.channel('test:1').members.get(c.sessionId).state;
  };
  const { effect } = model;
  model.effect = (session, frame) => (frame.state !== 'bad' ? effect.call(model, session, frame)
    : model.emit(session, { type: 'error', id: frame.id, channel: frame.channel, code: 'forbidden' }));
  const refused = assert.rejects(channel.setState('bad'), { code: 'forbidden' });
  await clock.run(1000);
  await refused;
  assert.equal(await again(), 'here');
  net.down.add('websocket');
  net.cut();
  const leaving = new AbortController();
  const withdrawn = assert.rejects(channel.setState('away', { signal: leaving.signal }), { name: 'AbortError' });
  leaving.abort();
  await withdrawn;
  net.down.clear();
  await clock.run(10_000);
  assert.equal(await again(), 'here');
  await finish(clock, c);
});

test('R33: of a channel where only the latest counts, what is kept comes in order, before what is new', async () => {
  for (const wire of ['websocket', 'sse', 'longpoll']) {
    const { clock, open, model } = world();
    const writer = open();
    const source = writer.channel('latest:1');
    for (const [key, value] of [['a', 1], ['b', 2], ['a', 3]]) source.publish('SET', value, { key });
    await clock.run(1000);
    const c = open({ transports: [wire] });
    const channel = c.channel('latest:1');
    const got = [];
    const looped = [];
    channel.on('SET', (m) => got.push([m.key, m.payload, m.offset]));
    (async () => {
      for await (const m of channel) looped.push(m.payload);
    })();
    const subscribed = channel.subscribe();
    source.publish('SET', 4, { key: 'b' });
    await clock.run(2000);
    assert.equal((await subscribed).recovered, undefined);
    assert.deepEqual(got.slice(0, 2).map(([key]) => key).sort(), ['a', 'b']);
    assert.deepEqual(got.at(-1), ['b', 4, 4]);
    assert.deepEqual(looped, got.map(([, payload]) => payload));
    assert.deepEqual(channel.position, { epoch: 'e1', offset: 4 }, 'what is older than the subscription does not turn it back');
    assert.deepEqual(events(c, 'gap'), [], 'it was never there before');

    // The same session on another connection has no gap either; a new session may have missed something, and says so first.
    c.dropWire();
    source.publish('SET', 5, { key: 'a' });
    await clock.run(5000);
    assert.deepEqual(got.at(-1), ['a', 5, 5]);
    assert.deepEqual(events(c, 'gap'), []);
    got.length = 0;
    channel.on(':gap', ({ reason }) => got.push(reason));
    model.sessions.delete(c.sessionId);
    c.dropWire();
    await clock.run(5000);
    assert.deepEqual([got[0], ...got.slice(1).sort()], ['not_recovered', ['a', 5, 5], ['b', 4, 4]]);
    assert.deepEqual(channel.position, { epoch: 'e1', offset: 5 });
    await finish(clock, c, writer);
  }
});
