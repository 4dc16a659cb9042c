/** Attacks that a client has to stand, each as it was told; the number is that of the hole. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tab } from './support/tab.js';
import { world } from './support/world.js';

const HOUR = 3_600_000;
const numbers = (n) => Array.from({ length: n }, (_, i) => i + 1);

for (const held of ['body', 'all']) {
  test(`hole 7, R18: an upgrade to a stream that a proxy buffers (${held}) is given up for the old wire, and nothing is lost`, async () => {
    const { clock, net, open, model } = world();
    net.down.add('websocket').add('sse');
    const c = open();
    const channel = c.channel('test:1');
    const got = [];
    channel.on('*', (m) => got.push([m.payload, clock.now()]));
    channel.subscribe();
    await clock.run(10_000);
    assert.equal(c.transport, 'longpoll');
    const session = c.sessionId;
    net.down.delete('sse');
    net.buffering = held;
    let [down, up] = [0, 0];
    const acks = [];
    const began = clock.now();
    while (clock.now() < began + HOUR) {
      const { offset } = model.channel('test:1');
      const message = { type: 'message', channel: 'test:1', payload: ++down, offset: offset + 1, timestamp: 1 };
      model.channel('test:1').offset = offset + 1;
      model.emit(model.sessions.get(session), message);
      acks.push(c.request('echo', ++up));
      await clock.run(1000);
    }
    const attempts = net.opened.filter(([at, wire]) => wire === 'sse' && at >= began);
    await clock.run(20_000);
    assert.ok(attempts.length > 0, 'it tried');
    assert.equal(c.transport, 'longpoll');
    assert.equal(c.sessionId, session);
    assert.deepEqual(got.map(([n]) => n), numbers(down), 'once and in order');
    assert.deepEqual(await Promise.all(acks), numbers(up));
    assert.deepEqual(model.requests, numbers(up));
    assert.deepEqual(model.violations, []);
    const silence = got.map(([, at], i) => at - (got[i - 1]?.[1] ?? began));
    assert.ok(Math.max(...silence) < 12_000, `at most the time-out of 10 s, but ${Math.max(...silence)}`);
    assert.ok(attempts.length <= 8, `each attempt costs 10 s of silence, so they must become rare: ${attempts.length} in an hour`);
    await Promise.all([c.close(), clock.run(5000)]);
  });
}

for (const wire of ['websocket', 'sse', 'longpoll']) {
  test(`hole 8, R11: of two tabs with one secret over ${wire} one stays and the other goes, for good`, async () => {
    const { clock, random, net, model } = world();
    const place = { url: 'http://server/realtime', now: clock.now, later: clock.later, random, WebSocket: net.WebSocket, fetch: net.fetch };
    const mine = tab(place, wire);
    await clock.run(1000);
    const twin = tab(place, wire, mine);
    await clock.run(60_000);
    const tabs = [mine, twin];
    assert.deepEqual(tabs.map((one) => one.state).sort(), ['connected', 'failed']);
    assert.deepEqual(tabs.find((one) => one.state === 'failed').log.at(-1), ['failed', 'replaced']);
    const before = net.opened.length;
    assert.ok(before <= 4, `${before} attempts`);
    await clock.run(HOUR);
    assert.equal(net.opened.length, before, 'nobody comes back');
    assert.deepEqual(tabs.map((one) => one.state).sort(), ['connected', 'failed']);
    assert.equal(model.sessions.size, 1);
    await Promise.all([...tabs.map((one) => new Promise((done) => one.close('', done))), clock.run(5000)]);
  });
}
