import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff, policy as choose } from '../src/policy.js';
import { world } from './support/world.js';

const all = ['websocket', 'sse', 'longpoll'];
const policy = (options = {}) => choose({ transports: all, random: () => 1, ...options });

test('R41: full jitter, applied after the cap', () => {
  assert.deepEqual([0, 1, 2, 5, 6, 7, 99].map((k) => backoff(k, () => 1)), [500, 1000, 2000, 16_000, 30_000, 30_000, 30_000]);
  assert.equal(backoff(99, () => 0.25), 7500);
});

test('R43: a wire that fails makes the next one tried, round and round', () => {
  const p = policy();
  assert.equal(p.first(), 'websocket');
  assert.deepEqual(p.failed('websocket', 0), { wire: 'sse', delay: 500 });
  assert.deepEqual(p.failed('sse', 0), { wire: 'longpoll', delay: 1000 });
  assert.deepEqual(p.failed('longpoll', 0), { wire: 'websocket', delay: 2000 });
});

test('R19: after a stable connection each wire is tried once without waiting, itself first', () => {
  const p = policy();
  p.welcomed(0);
  assert.deepEqual(p.failed('websocket', 5000), { wire: 'websocket', delay: 0 });
  assert.deepEqual(p.failed('websocket', 5000), { wire: 'sse', delay: 0 });
  assert.deepEqual(p.failed('sse', 5000), { wire: 'longpoll', delay: 0 });
  assert.deepEqual(p.failed('longpoll', 5000), { wire: 'websocket', delay: 500 });
});

test('R41: a welcome alone does not reset the backoff', () => {
  const p = policy();
  for (const expected of [500, 1000, 2000, 4000]) {
    p.welcomed(0);
    assert.equal(p.failed('websocket', 4999, { code: 'dropped' }).delay, expected);
  }
});

test('R43: a silent wire is not tried again before the others', () => {
  const p = policy();
  p.welcomed(0);
  assert.deepEqual(p.failed('websocket', 60_000, { code: 'silent' }), { wire: 'sse', delay: 0 });
});

test('R41: retryAfter is a lower bound, with jitter on top', () => {
  const p = policy();
  p.welcomed(0);
  assert.deepEqual(p.failed('websocket', 60_000, { retryAfter: 4000 }), { wire: 'websocket', delay: 4500 });
});

test('maxAttempts counts failures since the last welcome', () => {
  const p = policy({ maxAttempts: 3 });
  assert.ok(p.failed('websocket', 0));
  assert.ok(p.failed('sse', 0));
  p.welcomed(0);
  assert.ok(p.failed('longpoll', 0));
  assert.ok(p.failed('longpoll', 0));
  assert.ok(p.failed('sse', 0));
  assert.equal(p.failed('websocket', 0), undefined);
});

test('the order: what is remembered first, the server\'s preference, the application\'s if it has one, a pin', () => {
  assert.equal(policy({ remembered: 'longpoll' }).first(), 'longpoll');
  assert.equal(policy({ remembered: 'pigeon' }).first(), 'websocket');
  const server = policy();
  server.offered(['sse', 'websocket', 'pigeon']);
  assert.deepEqual(server.order, ['sse', 'websocket']);
  const fixed = policy({ fixed: true });
  fixed.offered(['longpoll', 'sse']);
  assert.deepEqual(fixed.order, ['sse', 'longpoll']);
  fixed.offered(['pigeon']);
  assert.deepEqual(fixed.order, ['sse', 'longpoll'], 'nothing in common: go on as we were');
  fixed.pin('longpoll');
  assert.equal(fixed.better('longpoll'), undefined);
  assert.equal(fixed.better('sse'), 'longpoll');
});

test('an upgrade that lasted was worth it; that the wire before it had lasted says nothing of the next one', () => {
  const p = choose({ transports: ['websocket', 'sse', 'longpoll'], random: () => 1, upgradeAfter: 1000 });
  p.welcomed(0, 'longpoll');
  p.probeFailed();
  p.failed('sse', 90_000, { code: 'silent' });
  assert.equal(p.probeDelay(), 2000);
  p.welcomed(100_000, 'sse');
  p.failed('sse', 190_000);
  assert.equal(p.probeDelay(), 1000);
});

test('probes wait longer after each failure', () => {
  const p = policy({ upgradeAfter: 1000 });
  assert.equal(p.better('longpoll'), 'websocket');
  assert.equal(p.probeDelay(), 1000);
  p.probeFailed();
  assert.equal(p.better('longpoll'), 'sse');
  assert.equal(p.probeDelay(), 2000);
  for (let i = 0; i < 50; i++) p.probeFailed();
  assert.equal(p.probeDelay(), 600_000);
});

test('attempts are never faster than the backoff, on a server that is down', async () => {
  const { clock, net, open } = world();
  for (const wire of all) net.down.add(wire);
  const c = open({ clock: { now: clock.now, later: clock.later, random: () => 0.999 } });
  await clock.run(600_000);
  const times = net.opened.map(([time]) => time);
  const gaps = times.slice(1).map((time, i) => time - times[i]);
  gaps.forEach((gap, k) => assert.ok(gap >= 0.999 * Math.min(30_000, 500 * 2 ** k), `gap ${k} is ${gap}`));
  assert.ok(times.length > 20 && times.length < 30, `${times.length} attempts`);
  assert.equal(c.state, 'connecting');
  c.close();
});

test('attempts are never faster than the backoff, on a server that greets and hangs up', async () => {
  const { clock, net, open, model } = world();
  const c = open({ clock: { now: clock.now, later: clock.later, random: () => 0.999 } });
  c.on('state', ({ state }) => state === 'connected' && clock.later(10, () => net.cut()));
  await clock.run(120_000);
  assert.ok(model.hellos <= 12, `${model.hellos} hellos in two minutes`);
  await Promise.all([c.close(), clock.run(5000)]);
});

test('a pin is undone: the order is the server\'s again', () => {
  const policy = choose({ transports: ['websocket', 'sse', 'longpoll'], random: () => 0.5 });
  policy.pin('longpoll');
  policy.offered(['sse', 'websocket', 'longpoll']);
  assert.deepEqual(policy.order, ['longpoll', 'sse', 'websocket']);
  policy.pin();
  assert.deepEqual(policy.order, ['sse', 'websocket', 'longpoll']);
});
