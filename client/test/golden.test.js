/** Reads the example frames that the Java codec is tested with: `<direction>-<type>[-variant].json`. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { world } from './support/world.js';

const folder = fileURLToPath(new URL('../../core/src/test/resources/golden/', import.meta.url));
const UNCOUNTED = ['hello', 'welcome', 'ping', 'pong', 'received', 'bye'];

test('golden frames', { skip: !existsSync(folder) && 'there is no folder of them' }, async (t) => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  assert.ok(files.length > 0, `no frames in ${folder}`);
  const seen = new Set();
  for (const file of files) {
    await t.test(file, async () => {
      const text = readFileSync(folder + file, 'utf8');
      const frame = JSON.parse(text);
      const [direction, type] = file.replace('.json', '').split('-');
      assert.ok(['client', 'server'].includes(direction), 'the direction is client or server');
      // A variant may be there to be refused; the type is then what the name says only if it has one.
      if (frame.type === type) seen.add(`${direction} ${type}`);
      if (direction === 'server') await fed(frame);
    });
  }
  for (const type of ['welcome', 'message', 'subscribed', 'error', 'ack', 'gap', 'bye']) assert.ok(seen.has(`server ${type}`), `a frame for ${type}`);
});

/** What a live client makes of a frame: whatever it is, the next message still arrives and both ends count alike. */
async function fed(frame) {
  const { clock, model, open } = world();
  const errors = [];
  const c = open({ transports: ['websocket'] });
  const channel = c.channel(frame.channel ?? 'test:1');
  const got = [];
  channel.on('*', (m) => got.push(m));
  channel.subscribe();
  await clock.run(1000);
  const session = model.sessions.get(c.sessionId);
  if (UNCOUNTED.includes(frame.type)) {
    if (['bye', 'welcome', 'ping', 'received'].includes(frame.type)) return; // these change the connection; other tests are about them
    session.conn.send(frame);
  } else model.emit(session, frame);
  await clock.run(1000);
  assert.deepEqual(c.log.filter(([event, e]) => event === 'error' && !e.code).concat(errors), [], 'nothing was thrown');
  if (frame.type === 'message' && frame.channel) {
    assert.equal(got.length, 1);
    for (const member of ['event', 'payload', 'timestamp', 'offset', 'user', 'key', 'sentAt', 'traceId', 'attempt']) {
      assert.deepEqual(got[0][member], frame[member], member);
    }
    assert.equal(got[0].needsConfirm, frame.confirm !== undefined);
  }
  session.conn.send({ type: 'ping', count: session.handed });
  const asked = c.request('echo', 'alive');
  await clock.run(2000);
  assert.equal(await asked, 'alive');
  assert.ok(!c.log.some(([event]) => event === 'resumed'), 'still in step');
  await Promise.all([c.close(), clock.run(3000)]);
}

test('what the client sends has no members that the golden frames do not know', { skip: !existsSync(folder) && 'there is no folder of them' }, async () => {
  const known = {};
  for (const file of readdirSync(folder).filter((name) => name.startsWith('client-') && name.endsWith('.json'))) {
    const frame = JSON.parse(readFileSync(folder + file, 'utf8'));
    for (const member of Object.keys(frame)) (known[frame.type] ??= new Set()).add(member);
  }
  const { clock, model, net, open } = world();
  const c = open({ transports: ['websocket'], token: 't', capabilities: {} });
  const channel = c.channel('test:1');
  channel.on('*', (m) => m.confirm());
  channel.subscribe({ position: { epoch: 'e1', offset: 0 } });
  channel.publish('E', 1, { id: 'x', echo: true, key: 'k', confirm: true, traceId: 't', timeout: 1000 });
  channel.publish('E', 1, { ack: false });
  channel.setState({ a: 1 });
  channel.presence({ count: true });
  channel.history({ since: { epoch: 'e1', offset: 0 }, limit: 1, reverse: true });
  c.request('echo', 1, { traceId: 't', timeout: 1000 });
  c.refresh('t2');
  c.onRequest(() => 1);
  await clock.run(1000);
  const session = model.sessions.get(c.sessionId);
  model.emit(session, { type: 'message', channel: 'test:1', payload: 1, confirm: 'c' });
  model.emit(session, { type: 'request', id: 'r', event: 'E' });
  session.conn.send({ type: 'ping', id: 'p', count: session.handed });
  await clock.run(1000);
  c.onRequest(() => {
    throw new TypeError('no');
  });
  model.emit(session, { type: 'request', id: 'r', event: 'E' });
  await clock.run(1000);
  channel.unsubscribe();
  c.request('x'.repeat(10), 'y'.repeat(70_000)).catch(() => {});
  c.dropWire();
  await clock.run(5000);
  await Promise.all([c.close(), clock.run(5000)]);
  const types = new Set();
  for (const frame of net.sent) {
    types.add(frame.type);
    for (const member of Object.keys(frame)) assert.ok(known[frame.type]?.has(member), `${frame.type}.${member}`);
  }
  const all = ['ack', 'bye', 'error', 'hello', 'history', 'pong', 'presence', 'publish', 'received', 'refresh', 'reply', 'request', 'subscribe', 'unsubscribe'];
  assert.deepEqual([...types].sort(), all);
});
