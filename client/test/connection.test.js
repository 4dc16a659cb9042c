/** What a connection does about what can happen to it, over the real wires and a network that the test breaks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { world } from './support/world.js';

const states = (c) => c.log.filter(([event]) => event === 'state').map(([, { state }]) => state);
const events = (c, name) => c.log.filter(([event]) => event === name).map(([, detail]) => detail);
const finish = (clock, ...connections) => Promise.all([...connections.map((c) => c.close()), clock.run(5000)]);

test('R8, R38: a WebSocket that opens and stays silent is given up after 10 s, and tried again in the background', async () => {
  const { clock, net, open, model } = world();
  net.mute.add('websocket');
  const c = open();
  await clock.run(10_900);
  assert.equal(c.transport, 'sse');
  const session = c.sessionId;
  await clock.run(60_000);
  assert.equal(c.transport, 'sse', 'failed probes do not disturb');
  assert.deepEqual(states(c), ['connecting', 'connected'].slice(1));
  net.mute.clear();
  await clock.run(120_000);
  assert.equal(c.transport, 'websocket');
  assert.equal(c.sessionId, session);
  assert.equal(model.sessions.size, 1);
  assert.deepEqual(events(c, 'transport').map((e) => [e.previous, e.transport]), [[undefined, 'sse'], ['sse', 'websocket']]);
  await finish(clock, c);
});

test('R38: a wire that goes silent is dropped within two heartbeats, for another one', async () => {
  const { clock, net, open } = world();
  const c = open();
  await clock.run(30_000);
  net.mute.add('websocket');
  await clock.run(51_000);
  assert.equal(c.transport, 'sse');
  await finish(clock, c);
});

test('R18: while a better wire is probed for, the old one stays in use', async () => {
  const { clock, net, open, model } = world();
  net.down.add('websocket').add('sse');
  const c = open({ upgradeAfter: 1000 });
  await clock.run(5000);
  assert.equal(c.transport, 'longpoll');
  const hellos = model.hellos;
  const asked = Array.from({ length: 20 }, (_, i) => c.request('echo', i));
  await clock.run(60_000);
  assert.deepEqual(await Promise.all(asked), asked.map((_, i) => i));
  assert.ok(model.hellos > hellos, 'it polls');
  assert.deepEqual(states(c), ['connected']);
  await finish(clock, c);
});

test('R42: 401 and 403 stop the client', async () => {
  for (const [code, status] of [['unauthenticated', 4001], ['forbidden', 4004]]) {
    for (const wire of ['websocket', 'sse', 'longpoll']) {
      const { clock, net, open, model } = world();
      model.refuse = (conn) => conn.end(status);
      const c = open({ transports: [wire, 'longpoll'] });
      const ready = assert.rejects(c.ready, (error) => error.name === 'PolywireError');
      const asked = assert.rejects(c.request('echo', 1));
      await clock.run(60_000);
      await Promise.all([ready, asked]);
      assert.equal(c.state, 'failed', code);
      assert.equal(net.opened.length, 1, 'no fallback');
      assert.equal(clock.pending, 1, 'nothing but the server\'s own timer is left');
    }
  }
});

test('maxAttempts: then the state is failed, and what waits fails', async () => {
  const { clock, net, open } = world();
  ['websocket', 'sse', 'longpoll'].forEach((wire) => net.down.add(wire));
  const c = open({ maxAttempts: 4 });
  const asked = assert.rejects(c.request('echo', 1, { timeout: 900_000 }), { code: 'max_attempts' });
  await clock.run(60_000);
  await asked;
  assert.equal(net.opened.length, 4);
  assert.equal(events(c, 'state').at(-1).error.code, 'max_attempts');
  await assert.rejects(c.request('echo', 1), { code: 'closed' });
});

test('R11: replaced by another page is the end; replaced by our own later attach is not', async () => {
  const { clock, open, model, net } = world();
  const c = open({ transports: ['websocket'] });
  await clock.run(1000);
  const session = model.sessions.get(c.sessionId);
  session.conn.end(4008);
  await clock.run(60_000);
  assert.equal(c.state, 'failed');
  assert.equal(events(c, 'state').at(-1).error.code, 'replaced');
  assert.equal(net.opened.length, 1);
});

test('R10: stale is retried with a greater number, but not for ever', async () => {
  const { clock, open, model, net } = world();
  const c = open({ transports: ['websocket'] });
  await clock.run(1000);
  const session = model.sessions.get(c.sessionId);
  session.attach = 2;
  net.cut();
  await clock.run(20_000);
  assert.equal(c.state, 'connected');
  session.attach = 1000;
  net.cut();
  await clock.run(120_000);
  assert.equal(c.state, 'failed');
});

test('R41: retryAfter is obeyed', async () => {
  const { clock, open, model, net } = world();
  const c = open({ transports: ['websocket'] });
  await clock.run(10_000);
  const at = clock.now();
  model.sessions.get(c.sessionId).conn.end(1013, { retryAfter: 7000, reconnect: 'resume' });
  await clock.run(30_000);
  assert.ok(net.opened.at(-1)[0] - at >= 7000, `${net.opened.at(-1)[0] - at}`);
  assert.equal(c.state, 'connected');
  assert.equal(events(c, 'resumed').length, 1);
  await finish(clock, c);
});

test('R44: the offline queue is bounded', async () => {
  const { clock, open } = world();
  const c = open({ queueLimit: 3 });
  const channel = c.channel('test:1');
  const sent = [1, 2, 3].map((n) => channel.publish('E', n));
  await assert.rejects(channel.publish('E', 4), { code: 'queue_full' });
  await assert.rejects(channel.publish('E', 4, { ack: false }), { code: 'queue_full' });
  await assert.rejects(channel.subscribe(), { code: 'queue_full' });
  await clock.run(1000);
  assert.equal((await Promise.all(sent)).length, 3);
  await channel.publish('E', 5, { ack: false });
  await finish(clock, c);
});

test('R17: after a lost session publishes with an id are sent again once, the rest is told', async () => {
  const { clock, open, model } = world();
  const c = open({ transports: ['websocket'] });
  const channel = c.channel('test:1');
  const plain = c.channel('plain:1');
  const got = [];
  channel.on('*', (m) => got.push(m.payload));
  channel.subscribe();
  plain.subscribe();
  channel.setState('busy');
  await clock.run(1000);
  const first = c.sessionId;
  // These reach the server, whose answers do not reach us.
  model.sessions.get(first).conn.send = () => {};
  const published = channel.publish('E', 'once');
  const asked = c.request('echo', 'asked');
  const told = assert.rejects(asked, { code: 'outcome_unknown' });
  channel.publish('E', 'no id', { ack: false });
  await clock.run(500);
  model.sessions.clear();
  c.dropWire();
  const fresh = c.request('echo', 'fresh');
  channel.publish('E', 'no id, never sent', { ack: false });
  await clock.run(5000);
  await told;
  assert.equal((await published).duplicate, true);
  assert.equal(await fresh, 'fresh');
  assert.deepEqual(model.published, ['once', 'no id', 'no id, never sent']);
  assert.deepEqual(got, ['once', 'no id', 'no id, never sent']);
  assert.deepEqual(events(c, 'reset').map((e) => e.reason), ['unknown']);
  assert.deepEqual(events(c, 'lost').map((e) => [e.reason, e.frame.type]), [['outcome_unknown', 'request'], ['outcome_unknown', 'publish']]);
  assert.deepEqual(events(c, 'gap').map((e) => [e.channel, e.reason]), [['plain:1', 'reset']], 'an unstored channel may have missed something');
  assert.deepEqual(channel.members.map((m) => [m.session, m.state]).filter(([s]) => s === c.sessionId), [[c.sessionId, 'busy']]);
  await finish(clock, c);
});

test('R30: a publish is not sent again when its id may have been forgotten', async () => {
  const { clock, open, model, net } = world();
  const c = open({ transports: ['websocket'] });
  await clock.run(1000);
  model.sessions.get(c.sessionId).conn.send = () => {};
  const published = assert.rejects(c.channel('test:1').publish('E', 1), { code: 'outcome_unknown' });
  await clock.run(100);
  net.down.add('websocket');
  net.cut();
  await clock.run(300_000);
  model.sessions.clear();
  net.down.clear();
  await clock.run(60_000);
  await published;
  assert.deepEqual(model.published, [1]);
  await finish(clock, c);
});

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

test('R21: a ping whose count differs makes the client attach again', async () => {
  const { clock, open, model } = world();
  const c = open({ transports: ['websocket'] });
  await clock.run(1000);
  const { conn } = model.sessions.get(c.sessionId);
  conn.send({ type: 'ping', count: conn.next - 1 });
  await clock.run(1000);
  assert.equal(events(c, 'resumed').length, 0);
  conn.send({ type: 'ping', count: conn.next });
  await clock.run(5000);
  assert.equal(events(c, 'resumed').length, 1);
  await finish(clock, c);
});

test('R28: 429 and 503 are waited for, 413 and 400 find the frame that is to blame', async () => {
  const { clock, open, model } = world();
  const c = open({ transports: ['longpoll'] });
  await clock.run(1000);
  const start = clock.now();
  let times = 2;
  model.refusePost = () => (times-- > 0 ? { status: times ? 429 : 503, body: { code: 'rate_limited', retryAfter: 2000 } } : undefined);
  const asked = c.request('echo', 1);
  await clock.run(10_000);
  assert.equal(await asked, 1);
  assert.ok(clock.now() - start >= 4000);
  model.refusePost = (frames) => (frames.some((frame) => frame.payload === 'huge') ? { status: 413, body: { code: 'too_large' } } : undefined);
  const answers = ['a', 'huge', 'b'].map((payload) => c.request('echo', payload));
  const refused = assert.rejects(answers[1], { code: 'too_large' });
  await clock.run(10_000);
  await refused;
  assert.deepEqual([await answers[0], await answers[2]], ['a', 'b']);
  assert.equal(events(c, 'resumed').length, 0);
  await finish(clock, c);
});

test('R27: a frame over the limit is refused at once, or as soon as the limit is known', async () => {
  const { clock, open, model } = world();
  model.limits = { frame: 200 };
  const c = open();
  const early = assert.rejects(c.request('echo', 'x'.repeat(300)), { code: 'too_large' });
  const fine = c.request('echo', 'y');
  await clock.run(1000);
  await early;
  assert.equal(await fine, 'y');
  await assert.rejects(c.request('echo', 'x'.repeat(300)), { code: 'too_large' });
  await finish(clock, c);
});

test('R27: a server that closes with too_large gets a noop in that frame\'s place', async () => {
  const { clock, open, model } = world();
  model.limits = {};
  const c = open({ transports: ['websocket'] });
  await clock.run(1000);
  const receive = model.receive.bind(model);
  model.receive = (session, conn, frames, first) => (frames[0].payload?.length > 50 ? conn.end(1009) : receive(session, conn, frames, first));
  const [big, fine] = [c.request('echo', 'x'.repeat(60)), c.request('echo', 'y')];
  const refused = assert.rejects(big, { code: 'too_large' });
  await clock.run(10_000);
  await refused;
  assert.equal(await fine, 'y');
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

test('requests of the server are answered', async () => {
  const { clock, open, model } = world();
  const c = open();
  await clock.run(1000);
  const session = model.sessions.get(c.sessionId);
  const replies = [];
  const effect = model.effect.bind(model);
  model.effect = (s, frame) => (['reply', 'error'].includes(frame.type) ? replies.push([frame.id, frame.payload ?? frame.code]) : effect(s, frame));
  model.emit(session, { type: 'request', id: 'r0', event: 'ask' });
  await clock.run(1000);
  c.onRequest((event, payload) => {
    if (event === 'ask') return Promise.resolve(payload + 1);
    throw new Error('no');
  });
  model.emit(session, { type: 'request', id: 'r1', event: 'ask', payload: 1 });
  model.emit(session, { type: 'request', id: 'r2', event: 'other' });
  await clock.run(1000);
  assert.deepEqual(replies.sort(), [['r0', 'not_found'], ['r1', 2], ['r2', 'internal']]);
  await finish(clock, c);
});

test('a request that times out or is aborted before it was sent is not sent', async () => {
  const { clock, open, model, net } = world();
  ['websocket', 'sse', 'longpoll'].forEach((wire) => net.down.add(wire));
  const c = open();
  const abort = new AbortController();
  const late = assert.rejects(c.request('echo', 'late', { timeout: 1000 }), { code: 'timeout' });
  const aborted = assert.rejects(c.request('echo', 'aborted', { signal: abort.signal }), { name: 'AbortError' });
  const fine = c.request('echo', 'fine', { timeout: 100_000 });
  await clock.run(2000);
  abort.abort();
  net.down.clear();
  await clock.run(60_000);
  await Promise.all([late, aborted]);
  assert.equal(await fine, 'fine');
  assert.deepEqual(model.requests, ['fine']);
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

test('tokens: from a function for each wire, refreshed before a JWT expires, never in a URL', async () => {
  const { clock, open, model, net } = world();
  const hellos = [];
  const hello = model.hello.bind(model);
  model.hello = (conn, frame, resume) => {
    hellos.push(frame.token);
    return hello(conn, frame, resume);
  };
  let n = 0;
  const jwt = () => `h.${btoa(JSON.stringify({ exp: (clock.now() + 100_000) / 1000, n: ++n })).replace(/=+$/, '')}.s`;
  const refreshed = [];
  const effect = model.effect.bind(model);
  model.effect = (session, frame) => {
    if (frame.type === 'refresh') refreshed.push([clock.now(), frame.token]);
    return effect(session, frame);
  };
  const c = open({ transports: ['websocket'], token: async () => jwt() });
  await clock.run(1000);
  const start = clock.now();
  net.cut();
  await clock.run(2000);
  assert.equal(hellos.length, 2);
  assert.notEqual(hellos[0], hellos[1]);
  await clock.run(88_000);
  assert.equal(refreshed.length, 1);
  assert.ok(refreshed[0][0] - start > 75_000 && refreshed[0][0] - start < 85_000);
  await finish(clock, c);
});

test('switchTo keeps to the wire, and fails when it does not work', async () => {
  const { clock, open, net } = world();
  const c = open({ upgradeAfter: 1000 });
  await clock.run(1000);
  const switched = c.switchTo('longpoll');
  await clock.run(1000);
  await switched;
  await clock.run(60_000);
  assert.equal(c.transport, 'longpoll');
  net.down.add('sse');
  const failed = assert.rejects(c.switchTo('sse'));
  await clock.run(2000);
  await failed;
  assert.equal(c.transport, 'longpoll');
  assert.deepEqual(states(c), ['connected']);
  await assert.rejects(c.switchTo('pigeon'), { code: 'no_transport' });
  await finish(clock, c);
});

test('close: what was queued goes first, everything that waits ends', async () => {
  for (const wire of ['websocket', 'sse', 'longpoll']) {
    const { clock, open, model } = world();
    const c = open({ transports: [wire] });
    const channel = c.channel('test:1');
    channel.subscribe();
    await clock.run(1000);
    const loop = (async () => {
      for await (const m of channel) void m;
    })();
    const published = channel.publish('E', 'last');
    const asked = assert.rejects(c.request('silence', 1), { code: 'closed' });
    const closed = c.close();
    assert.equal(c.state, 'closed');
    await clock.run(5000);
    await Promise.all([closed, loop, asked]);
    assert.ok((await published).position);
    assert.deepEqual(model.published, ['last']);
    assert.equal(model.sessions.size, 0);
    await assert.rejects(channel.publish('E', 1), { code: 'closed' });
    assert.equal(clock.pending, 1, 'nothing but the server\'s own timer is left');
  }
});

test('closing before anything happened', async () => {
  const { clock, open, net } = world();
  const c = open();
  await c.close();
  await clock.run(60_000);
  assert.equal(net.opened.length, 0);
  assert.equal(c.state, 'closed');
});

test('an acknowledgement does not run into the attach of another wire', async () => {
  const { clock, open, model } = world();
  const c = open({ transports: ['sse', 'websocket'] });
  const channel = c.channel('test:1');
  const got = [];
  channel.on('*', (m) => got.push(m.payload));
  channel.subscribe();
  await clock.run(5000);
  // The new wire's welcome and replay are slow.
  const hello = model.hello.bind(model);
  model.lag = 2000;
  model.hello = (conn, frame, resume) => {
    const { send } = conn;
    conn.send = (out) => clock.later(1500, () => send(out));
    // These go out on the old wire, after the client has said how far it is.
    for (let n = 1; n <= 3; n++) model.effect(model.sessions.get(c.sessionId), { type: 'publish', channel: 'test:1', payload: n });
    // And the old wire's bye gets stuck on the way.
    model.sessions.get(c.sessionId).conn.end = () => {};
    return hello(conn, frame, resume);
  };
  const switched = c.switchTo('websocket');
  await clock.run(10_000);
  await switched;
  assert.deepEqual(got, [1, 2, 3]);
  assert.deepEqual(model.violations, []);
  await finish(clock, c);
});
