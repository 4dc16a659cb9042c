/** The connection as a whole: tokens, requests of the server, its end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events, finish, world } from './support/world.js';

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

test('what a server does wrong is told, and the session goes on', async () => {
  for (const wire of ['websocket', 'sse', 'longpoll']) {
    const { clock, open, model } = world();
    const c = open({ transports: [wire] });
    const channel = c.channel('test:1');
    const got = [];
    channel.on('*', (m) => got.push(m.payload));
    channel.subscribe();
    await clock.run(1000);
    const session = model.sessions.get(c.sessionId);
    for (const frame of [null, 5, [], { type: 'presence', channel: 'test:1', members: 5, count: 1, version: 99 }]) model.emit(session, frame);
    model.emit(session, { type: 'message', channel: 'test:1', payload: 'fine' });
    await clock.run(1000);
    assert.deepEqual(got, ['fine'], wire);
    assert.equal(events(c, 'error').length, 1);
    assert.equal(events(c, 'resumed').length, 0, 'still in step');
    await finish(clock, c);
  }
});

test('an answer to the server that cannot be sent is an error to the server, and after the end nobody\'s', async () => {
  const { clock, open, model } = world();
  model.limits = { frame: 500 };
  const c = open();
  await clock.run(1000);
  const session = model.sessions.get(c.sessionId);
  const told = [];
  const effect = model.effect.bind(model);
  model.effect = (s, frame) => (frame.type === 'error' ? told.push([frame.id, frame.code]) : effect(s, frame));
  const circle = {};
  circle.circle = circle;
  let late;
  const answers = { large: 'x'.repeat(1000), circle, late: new Promise((resolve) => (late = resolve)) };
  c.onRequest((event) => answers[event]);
  for (const event of Object.keys(answers)) model.emit(session, { type: 'request', id: event, event });
  await clock.run(1000);
  assert.deepEqual(told, [['large', 'too_large'], ['circle', 'internal']]);
  session.conn.end(4001);
  await clock.run(1000);
  assert.equal(c.state, 'failed');
  late(1);
  await clock.run(1000);
});

test('a message that is delivered again while the connection closes is let go', async () => {
  const { clock, open, model } = world();
  const c = open({ autoConfirm: true });
  const channel = c.channel('test:1');
  channel.subscribe();
  await clock.run(1000);
  const session = model.sessions.get(c.sessionId);
  const say = (payload, confirm) => model.emit(session, { type: 'message', channel: 'test:1', payload, confirm });
  say('known', 'c1');
  await clock.run(1000);
  const late = [];
  channel.on('*', (m) => late.push(m));
  say('new', 'c2');
  say('newer', 'c3');
  const closed = c.close();
  await clock.run(5000);
  await closed;
  late.forEach((m) => m.confirm());
  assert.deepEqual(events(c, 'error'), []);
});

test('R3: debug: a function hears what happens, but no secret and no token, and may fail; true writes to the console', async () => {
  const { clock, open, net } = world();
  const heard = [];
  const c = open({
    token: 'my-token',
    debug: (what, detail) => {
      heard.push(`${what} ${detail?.code ?? detail?.wire ?? detail ?? ''}`.trim());
      throw new Error('a logger that fails');
    },
  });
  await clock.run(10_000);
  net.cut();
  await clock.run(10_000);
  assert.equal(c.state, 'connected');
  assert.deepEqual(heard, [
    'open websocket', 'opened websocket', 'connected', 'down 1006', 'reconnecting 1006', 'retry websocket',
    'open websocket', 'resumed websocket', 'connected',
  ]);
  await finish(clock, c);
  const { debug } = console;
  const lines = [];
  console.debug = (...line) => lines.push(line);
  try {
    const other = open({ debug: true });
    await clock.run(1000);
    await finish(clock, other);
  } finally {
    console.debug = debug;
  }
  assert.deepEqual(lines[0], ['[polywire]', 'open', 'websocket']);
});

test('R4: the nonce is in every hello, over every wire and for a new session too; the next page has another', async () => {
  const { clock, open, model, net } = world();
  const hellos = [];
  const hello = model.hello.bind(model);
  model.hello = (conn, frame, resume) => {
    if (frame.type === 'hello') hellos.push([conn.kind, frame.client]);
    return hello(conn, frame, resume);
  };
  const said = () => new Set(hellos.map(([, client]) => client));
  const c = open();
  await clock.run(1000);
  for (const wire of ['sse', 'longpoll', 'websocket']) {
    const switched = c.switchTo(wire);
    await clock.run(5000);
    await switched;
    net.cut();
    await clock.run(10_000);
  }
  model.sessions.clear();
  net.cut();
  await clock.run(10_000);
  assert.equal(events(c, 'reset').length, 1);
  assert.deepEqual(new Set(hellos.map(([kind]) => kind)), new Set(['websocket', 'sse', 'longpoll']));
  assert.equal(said().size, 1);
  const [nonce] = said();
  assert.match(nonce, /^.{16,64}$/);
  await finish(clock, c);
  const next = open();
  await clock.run(1000);
  await finish(clock, next);
  assert.equal(said().size, 2);
});

test('a token that cannot be had, or does not come, is asked for again', async () => {
  const { clock, open } = world();
  const no = () => {
    throw new Error('no');
  };
  const answers = [async () => no(), no, () => new Promise(() => {}), () => 'here'];
  let asked = 0;
  const c = open({ token: () => answers[asked++]() });
  await clock.run(60_000);
  assert.equal(asked, 4);
  assert.equal(c.state, 'connected');
  await finish(clock, c);
});

test('the state names the wire in use, and a change of the wire alone is no change of the state', async () => {
  const { clock, open, net } = world();
  const c = open();
  await clock.run(10_000);
  net.cut();
  await clock.run(1000);
  c.switchTo('sse');
  await clock.run(1000);
  await finish(clock, c);
  assert.deepEqual(c.log.filter(([event]) => event === 'state' || event === 'transport').map(([, d]) => [d.state, d.transport, d.previous]), [
    ['connected', 'websocket', undefined], [undefined, 'websocket', undefined],
    ['reconnecting', undefined, undefined], ['connected', 'websocket', undefined],
    [undefined, 'sse', 'websocket'], ['closed', 'sse', undefined],
  ]);
});

test('a transport that there is not is refused at once', () => {
  const { open } = world();
  assert.throws(() => open({ transports: ['pigeon'] }), { name: 'TypeError', message: /pigeon/ });
});

test('closing twice is closing once: what the first one waits for is not cut off by the second', async () => {
  for (const wire of ['websocket', 'sse', 'longpoll']) {
    const { clock, open, model } = world();
    const c = open({ transports: [wire] });
    await clock.run(1000);
    const published = c.channel('test:1').publish('E', 'last');
    c.on('state', () => c.close());
    const closed = [c.close(), c.close()];
    await clock.run(5000);
    await Promise.all(closed);
    assert.ok((await published).position, wire);
    assert.deepEqual(model.published, ['last']);
  }
});
