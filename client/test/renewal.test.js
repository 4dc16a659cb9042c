/** Tokens that end: asked for ahead, tried again, and made good for afterwards. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events, finish, states, world } from './support/world.js';

const WIRES = ['websocket', 'sse', 'longpoll'];

/** A world that notes the tokens that come in refreshes, and what each is answered with. */
function noting(answers = []) {
  const w = world();
  const refreshed = [];
  const effect = w.model.effect.bind(w.model);
  w.model.effect = (session, frame) => {
    if (frame.type !== 'refresh') return effect(session, frame);
    refreshed.push([w.clock.now(), frame.token]);
    const code = answers.shift();
    return code ? w.model.emit(session, { type: 'error', id: frame.id, code }) : effect(session, frame);
  };
  return { ...w, refreshed };
}

for (const wire of WIRES) {
  test(`R75 when the server asks, a function is asked for a new token, over ${wire}`, async () => {
    const { clock, open, model, refreshed } = noting();
    let n = 0;
    const c = open({ transports: [wire], token: async () => `t${++n}` });
    await clock.run(1000);
    const session = model.sessions.get(c.sessionId);
    model.emit(session, { type: 'refresh', expiresIn: 60_000 });
    model.emit(session, { type: 'refresh', expiresIn: 60_000 });
    await clock.run(2000);
    assert.deepEqual(refreshed.map(([, token]) => token), ['t2']);
    assert.equal(model.sessions.get(c.sessionId), session);
    assert.deepEqual(events(c, 'expiring'), []);
    await finish(clock, c);
  });
}

test('R75 a refresh that fails is tried again, ever more seldom, until there is no time left, and each failure is told', async () => {
  const { clock, open, model, refreshed } = noting(['unavailable', 'unauthenticated']);
  const answers = ['first', () => Promise.reject(new Error('offline')), 'second', 'third', 'fourth'];
  let n = 0;
  const c = open({ transports: ['websocket'], token: () => {
    const answer = answers[n++];
    return typeof answer === 'function' ? answer() : answer;
  } });
  await clock.run(1000);
  model.emit(model.sessions.get(c.sessionId), { type: 'refresh', expiresIn: 60_000 });
  await clock.run(30_000);
  assert.deepEqual(refreshed.map(([, token]) => token), ['second', 'third', 'fourth']);
  const told = events(c, 'expiring');
  assert.equal(told.length, 3);
  assert.equal(told[0].error.message, 'offline');
  assert.deepEqual(told.slice(1).map(({ error }) => error.code), ['unavailable', 'unauthenticated']);
  assert.ok(told[0].expiresIn > told[2].expiresIn && told[2].expiresIn > 0);
  assert.equal(c.state, 'connected');
  await finish(clock, c);
});

test('R75 what cannot be refreshed in time is given up', async () => {
  const { clock, open, model } = noting();
  let n = 0;
  const c = open({ transports: ['websocket'], token: () => (n++ ? Promise.reject(new Error('offline')) : 'first') });
  await clock.run(1000);
  model.emit(model.sessions.get(c.sessionId), { type: 'refresh', expiresIn: 10_000 });
  await clock.run(11_000);
  const asked = n;
  assert.ok(asked > 3 && asked < 15, `asked ${asked} times`);
  await clock.run(60_000);
  assert.equal(n, asked);
  await finish(clock, c);
});

const jwt = (claims) => `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;

test('a token is refreshed by its issuer\'s clock, however wrong ours is; without iat, one that looks old when it is new makes no storm', async () => {
  for (const [ahead, iat] of [[0, true], [7200, true], [-7200, true], [7200, false], [3598, false]]) {
    const { clock, open, refreshed } = noting();
    const c = open({ transports: ['websocket'], token: () => {
      const made = Math.floor(clock.now() / 1000) - ahead;
      return jwt({ exp: made + 3600, iat: iat ? made : undefined });
    } });
    await clock.run(3_600_000);
    const what = `${refreshed.length} in an hour, ahead ${ahead} s, ${iat}`;
    assert.ok(refreshed.length >= 1 && refreshed.length <= (iat ? 2 : 20), what);
    assert.equal(c.state, 'connected');
    await finish(clock, c);
  }
});

test('R75 with a fixed token the application is told, and may refresh by itself', async () => {
  const { clock, open, model, refreshed } = noting();
  const c = open({ transports: ['websocket'], token: 'fixed' });
  c.on('expiring', () => void c.refresh('new'));
  await clock.run(1000);
  model.emit(model.sessions.get(c.sessionId), { type: 'refresh', expiresIn: 5000 });
  await clock.run(1000);
  assert.deepEqual(events(c, 'expiring'), [{ expiresIn: 5000, error: undefined }]);
  assert.deepEqual(refreshed.map(([, token]) => token), ['new']);
  await finish(clock, c);
});

for (const wire of WIRES) {
  test(`R77 a session whose token ended goes on with a new one, over ${wire}`, async () => {
    const { clock, open, model } = world();
    let n = 0;
    const c = open({ transports: [wire], token: () => `t${++n}` });
    await clock.run(1000);
    const id = c.sessionId;
    const { conn } = model.sessions.get(id);
    conn.end(4001);
    await clock.run(5000);
    assert.equal(c.state, 'connected');
    assert.equal(c.sessionId, id);
    assert.equal(n, 2);
    assert.equal(events(c, 'resumed').length, 1);
    await finish(clock, c);
  });
}

test('R77 with a fixed token there is nothing to come back with', async () => {
  const { clock, open, model } = world();
  const c = open({ transports: ['websocket'], token: 'fixed' });
  c.ready.catch(() => {});
  await clock.run(1000);
  model.sessions.get(c.sessionId).conn.end(4001);
  await clock.run(5000);
  assert.equal(c.state, 'failed');
  assert.deepEqual(states(c), ['connected', 'failed']);
  await clock.run(60_000);
});
