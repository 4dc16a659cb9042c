/** What becomes of frames that are written: they wait, are repeated, refused, withdrawn, or told to be lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calls } from '../src/calls.js';
import { Clock } from './support/clock.js';
import { events, finish, world } from './support/world.js';

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

test('what is without an answer is bounded, too, and an id is one call\'s at a time', async () => {
  const sent = [];
  const { ask, answer } = calls(new Clock(), 3, (frame) => sent.push(frame), () => {}, () => {});
  const leaving = new AbortController();
  const first = ask({ type: 'publish', id: 'mine' });
  const others = [ask({ type: 'request' }), ask({ type: 'request' }, { signal: leaving.signal })];
  await assert.rejects(ask({ type: 'request' }), { code: 'queue_full' });
  leaving.abort();
  await assert.rejects(others[1], { name: 'AbortError' });
  await assert.rejects(ask({ type: 'publish', id: 'mine' }), { code: 'duplicate_id' });
  assert.equal(sent.length, 3);
  assert.ok(answer({ type: 'ack', id: 'mine' }) && answer({ type: 'reply', id: sent[1].id }));
  assert.ok(!answer({ type: 'ack', id: 'mine' }) && !answer({ type: 'message' }));
  await Promise.all([first, others[0]]);
  ask({ type: 'publish', id: 'mine' });
  assert.equal(sent.length, 4);
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

test('R44: what is not accepted is bounded with a wire as well, if more generously', async () => {
  const { clock, open, net } = world();
  const c = open({ queueLimit: 3, transports: ['websocket'] });
  const channel = c.channel('test:1');
  await clock.run(1000);
  net.mute.add('websocket');
  const refused = [];
  for (let n = 1; n <= 10_010; n++) channel.publish('E', n, { ack: false }).catch((error) => refused.push(error.code));
  await clock.run(100);
  assert.deepEqual(refused, Array(10).fill('queue_full'));
  net.mute.clear();
  await clock.run(120_000);
  const after = channel.publish('E', 'after');
  await clock.run(1000);
  assert.ok((await after).position);
  await finish(clock, c);
});

test('R17: a new session whose frames may not be as large as before', async () => {
  const { clock, open, model } = world();
  const c = open({ transports: ['websocket'] });
  const channels = Array.from({ length: 20 }, (_, i) => c.channel(`test:${'x'.repeat(50)}${i}`));
  channels.forEach((channel) => channel.subscribe());
  await clock.run(1000);
  model.sessions.clear();
  model.limits = { frame: 400 };
  c.dropWire();
  const large = assert.rejects(channels[0].publish('E', 'y'.repeat(500)), { code: 'too_large' });
  const told = channels[0].publish('E', 'z'.repeat(500), { ack: false });
  const fine = channels[1].publish('E', 'fine');
  await clock.run(10_000);
  await Promise.all([large, told, fine]);
  assert.equal(c.state, 'connected');
  assert.ok(channels.every((channel) => channel.subscribed), 'in several frames');
  assert.deepEqual(events(c, 'lost').map(({ reason, frame }) => [reason, frame.payload[0]]), [['too_large', 'z']]);
  await finish(clock, c);
});

test('R28: a server that always says 429 is asked ever more seldom, also without a retryAfter', async () => {
  const { clock, open, model } = world();
  const c = open({ transports: ['longpoll'] });
  await clock.run(1000);
  let posts = 0;
  model.refusePost = () => ++posts && { status: 429, body: { code: 'rate_limited' } };
  const asked = c.request('echo', 1, { timeout: 900_000 });
  await clock.run(600_000);
  assert.ok(posts < 100, `${posts} POSTs in ten minutes`);
  assert.equal(c.state, 'connected');
  model.refusePost = undefined;
  await clock.run(60_000);
  assert.equal(await asked, 1);
  await finish(clock, c);
});
