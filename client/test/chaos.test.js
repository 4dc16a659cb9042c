/**
 * Random interleavings against the model server: wires are cut, muted and refused, requests lost, answered late and
 * repeated, sessions lost, wires switched. What is checked at the end is the promise: exactly once and in order, both ways.
 * SEEDS and SEED choose how many and which.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { world } from './support/world.js';

const WIRES = ['websocket', 'sse', 'longpoll'];

async function live(seed, { lossy }) {
  const { clock, random, model, net, open } = world(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const transports = random() < 0.5 ? undefined : WIRES.filter((_, i) => random() < 0.6 || i === seed % 3);
  const c = open({ debug: process.env.DEBUG ? (...args) => console.log(clock.now() - 1e6, ...args) : undefined, transports, upgradeAfter: 3000, welcomeTimeout: 2000 });
  const ch = c.channel('test:1');
  const got = [];
  ch.on('*', (m) => got.push(m.payload));
  ch.subscribe().catch(() => {});
  // Another publisher, so that the way down is busy of its own.
  let foreign = 0;
  const feed = () => {
    const channel = model.channel('test:1');
    const message = { type: 'message', channel: 'test:1', event: 'F', payload: 'f' + ++foreign, offset: ++channel.offset, timestamp: 1 };
    channel.messages.push(message);
    for (const session of model.sessions.values()) if (session.channels.has('test:1')) model.emit(session, message);
  };
  let mine = 0;
  let acked = 0;
  const failed = [];
  let losses = 0;
  for (let step = 0; step < 60; step++) {
    await clock.run(random() * pick([30, 300, 3000]));
    const dice = random();
    if (dice < 0.35) for (let i = random() * 5; i > 0; i--) ch.publish('M', ++mine).then(() => acked++, (e) => failed.push(e.code));
    else if (dice < 0.6) feed();
    else if (dice < 0.66) net.cut();
    else if (dice < 0.7) c.dropWire();
    else if (dice < 0.76) c.switchTo(pick(WIRES)).catch(() => {});
    else if (dice < 0.8) [net.lose, net.repeat] = [random() * 0.4, random() * 0.4];
    else if (dice < 0.83) net.slow = pick([5, 20, 400, 1500]);
    else if (dice < 0.86) net.down.add(pick([...WIRES, 'send']));
    else if (dice < 0.89) net.mute.add(pick([...WIRES, 'send']));
    else if (dice < 0.95) {
      net.down.clear();
      net.mute.clear();
    } else if (lossy && dice < 0.97) {
      losses++;
      for (const session of model.sessions.values()) session.conn?.end(4012, {});
      model.sessions.clear();
    }
  }
  net.down.clear();
  net.mute.clear();
  [net.lose, net.repeat, net.slow] = [0, 0, 20];
  await clock.run(300_000);
  assert.equal(c.state, 'connected');
  assert.equal(c.state, 'connected');
  assert.deepEqual(model.violations, []);
  // A stream's last frames are acknowledged too, or the server's window would fill up.
  const last = model.sessions.get(c.sessionId);
  if (c.transport !== 'longpoll') assert.equal(last.acked, last.handed, 'all is acknowledged');
  const numbers = Array.from({ length: mine }, (_, i) => i + 1);
  assert.deepEqual(failed, []);
  assert.equal(acked, mine, 'all publishes are answered');
  assert.deepEqual(model.published, numbers, 'upstream exactly once, in order');
  const stored = model.channel('test:1').messages.map((m) => m.payload);
  const from = stored.indexOf(got[0]);
  assert.deepEqual(got, from < 0 ? [] : stored.slice(from), 'downstream exactly once, in order');
  // A repeated hello opens a session that nobody uses; the server drops it (R7).
  if (!lossy) assert.equal([...model.sessions.values()].filter((session) => session.received).length, 1);
  await Promise.all([c.close(), clock.run(5000)]);
  return losses;
}

const seeds = process.env.SEED ? [Number(process.env.SEED)] : Array.from({ length: Number(process.env.SEEDS ?? 300) }, (_, i) => i + 1);
for (const lossy of [false, true]) {
  test(`random interleavings${lossy ? ', with sessions lost' : ''}`, async () => {
    for (const seed of seeds) {
      try {
        await live(seed, { lossy });
      } catch (error) {
        error.message = `SEED=${seed}: ${error.message}`;
        throw error;
      }
    }
  });
}
