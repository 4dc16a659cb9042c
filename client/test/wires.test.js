/** Which wire carries the session, when it is given up for another, and when for good; over a network that the test breaks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events, finish, states, world } from './support/world.js';

test('R8, R38: a WebSocket that opens and stays silent is given up after 10 s, and tried again in the background', async () => {
  const { clock, net, open, model } = world();
  net.mute.add('websocket');
  const c = open();
  await clock.run(10_900);
  assert.equal(c.transport, 'sse');
  const session = c.sessionId;
  await clock.run(60_000);
  assert.equal(c.transport, 'sse', 'failed probes do not disturb');
  assert.deepEqual(states(c), ['connecting', 'connected'], 'the first wire failed');
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
  assert.deepEqual(states(c), ['connecting', 'connecting', 'connected'], 'two wires failed');
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

test('until there is a session, each attempt that fails is told with its reason; later only that the wire is lost', async () => {
  const { clock, net, open } = world();
  const c = open({ token: () => {
    throw new Error('nobody is signed in');
  } });
  await clock.run(5_000);
  const told = events(c, 'state');
  assert.ok(told.length > 2, `${told.length} times`);
  for (const { state, error } of told) assert.deepEqual([state, error.code, error.message], ['connecting', 'token', 'Error: nobody is signed in']);
  await finish(clock, c);
  const other = open();
  await clock.run(1_000);
  ['websocket', 'sse', 'longpoll'].forEach((wire) => net.down.add(wire));
  net.cut();
  await clock.run(60_000);
  assert.deepEqual(states(other), ['connected', 'reconnecting']);
  await finish(clock, other);
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

test('R18: a poll that is refused as stale because an attach has overtaken it breaks nothing', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { clock, open, model } = world(seed);
    const c = open();
    c.switchTo('longpoll');
    await clock.run(3000);
    const session = model.sessions.get(c.sessionId);
    const hello = model.hello.bind(model);
    model.hello = (conn, ...what) => {
      if (conn.kind === 'websocket') session.conn?.end(4009);
      return hello(conn, ...what);
    };
    await Promise.all([c.switchTo('websocket'), clock.run(2000)]);
    assert.deepEqual([c.transport, ...states(c)], ['websocket', 'connected'], `SEED=${seed}`);
    await finish(clock, c);
  }
});

test('an event stream whose line does not end is given up', async () => {
  const { clock, open } = world();
  let read = 0;
  const chunk = new TextEncoder().encode('x'.repeat(1e6));
  const endless = open({ transports: ['sse'], maxAttempts: 1, fetch: async (_, { signal }) => ({
    ok: true, status: 200, headers: { get: () => 'text/event-stream' },
    body: { getReader: () => ({ read: async () => {
      signal.throwIfAborted();
      if (++read > 40) throw new Error('it reads on');
      return { value: chunk, done: false };
    } }) },
  }) });
  const failed = assert.rejects(endless.ready, { code: 'max_attempts' });
  await clock.run(5000);
  await failed;
  assert.ok(read >= 17 && read <= 22, `${read} MB`);
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

test('R41: a refused upgrade is not tried again before its retryAfter', async () => {
  const { clock, net, open, model } = world();
  net.down.add('websocket');
  const c = open({ upgradeAfter: 1000, transports: ['websocket', 'sse'] });
  await clock.run(3000);
  assert.equal(c.transport, 'sse');
  net.down.clear();
  const hello = model.hello.bind(model);
  let refused;
  model.hello = (conn, frame, resume) => {
    if (conn.kind !== 'websocket' || refused) return hello(conn, frame, resume);
    refused = clock.now();
    return conn.end(1013, { reconnect: 'resume', retryAfter: 300_000 });
  };
  await clock.run(60_000);
  assert.ok(refused);
  await clock.run(200_000);
  assert.ok(net.opened.every(([time, wire]) => wire !== 'websocket' || time <= refused), 'it waits');
  await clock.run(200_000);
  assert.equal(c.transport, 'websocket');
  await finish(clock, c);
});

test('R41: nonsense instead of a retryAfter is no storm', async () => {
  const { clock, net, open, model } = world();
  for (const retryAfter of ['soon', -5, {}, NaN]) {
    const c = open({ transports: ['websocket'] });
    await clock.run(10_000);
    const before = net.opened.length;
    model.sessions.get(c.sessionId).conn.end(1013, { reconnect: 'resume', retryAfter });
    await clock.run(10_000);
    assert.equal(c.state, 'connected');
    assert.equal(net.opened.length, before + 1);
    await finish(clock, c);
  }
});

test('a server that answers every poll at once is not polled in a circle', async () => {
  const { clock, net, open, model } = world();
  const c = open({ transports: ['longpoll'] });
  await clock.run(1000);
  net.rewrite = (url) => url.replace(/wait=\d+/, 'wait=0');
  const before = net.requests;
  const asked = c.request('echo', 1); // its answer ends the poll that waits
  await clock.run(60_000);
  assert.equal(await asked, 1);
  assert.ok(net.requests - before < 200, `${net.requests - before} requests in a minute`);
  assert.ok(net.requests - before > 30, 'but it goes on');
  assert.equal(model.sessions.size, 1);
  await finish(clock, c);
});

test('R42: 401 stops the client also in the middle of a session: on its connection, on a POST, on an upgrade', async () => {
  const ways = {
    connection: ({ model, c }) => model.sessions.get(c.sessionId).conn.end(4001),
    post: ({ model, c }) => {
      model.refusePost = () => ({ status: 401, body: { code: 'unauthenticated' } });
      c.request('echo', 1).catch(() => {});
    },
    upgrade: ({ model, net }) => {
      net.down.clear();
      model.refuse = (conn) => conn.end(4001);
    },
  };
  for (const [name, way] of Object.entries(ways)) {
    for (const wire of ['sse', 'longpoll']) {
      const { clock, net, open, model } = world();
      net.down.add('websocket');
      const c = open({ transports: ['websocket', wire], upgradeAfter: 10_000 });
      await clock.run(3000);
      assert.equal(c.transport, wire);
      way({ model, net, c });
      await clock.run(20_000);
      const attempts = net.opened.length;
      await clock.run(300_000);
      assert.equal(c.state, 'failed', `${name} of ${wire}`);
      assert.equal(events(c, 'state').at(-1).error.code, 'unauthenticated');
      assert.equal(net.opened.length, attempts);
    }
  }
});
