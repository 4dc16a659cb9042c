import assert from 'node:assert/strict';
import { test } from 'node:test';
import { world } from './support/world.js';

for (const wire of ['websocket', 'sse', 'longpoll']) {
  test(`everything over ${wire}`, async () => {
    const { clock, open, model } = world();
    const c = open({ transports: [wire] });
    const ch = c.channel('test:1');
    const got = [];
    ch.on('ADDED', (m) => got.push(m.payload));
    const subscribed = ch.subscribe();
    const acks = [1, 2, 3].map((n) => ch.publish('ADDED', n));
    const reply = c.request('echo', { a: 1 });
    const history = ch.history();
    const presence = ch.presence();
    await clock.run(2000);
    assert.equal(c.state, 'connected');
    assert.equal(c.transport, wire);
    assert.deepEqual(got, [1, 2, 3]);
    assert.deepEqual((await subscribed).members.map((m) => m.session), [c.sessionId]);
    assert.deepEqual((await Promise.all(acks)).map((a) => a.position.offset), [1, 2, 3]);
    assert.deepEqual(await reply, { a: 1 });
    assert.equal((await history).messages.length, 3);
    assert.equal((await presence).count, 1);
    assert.deepEqual(ch.position, { epoch: 'e1', offset: 3 });
    await clock.run(300_000);
    assert.equal(c.state, 'connected');
    assert.deepEqual(c.log.filter(([e]) => e !== 'transport').map(([e, d]) => d.state ?? e), ['connected']);
    const closed = c.close();
    await clock.run(3000);
    await closed;
    assert.equal(model.sessions.size, 0, 'bye ended the session');
    assert.deepEqual(model.violations, []);
  });
}
