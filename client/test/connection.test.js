/** The connection as a whole: tokens, requests of the server, its end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish, world } from './support/world.js';

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
