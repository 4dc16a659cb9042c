/**
 * All of the API over every wire, against a real server at POLYWIRE_URL. It allows anonymous access and everything, keeps
 * 1000 messages and presence in the namespace `test` and nothing in `plain`, and answers at the addresses `echo` and
 * `test.shout` ({channel, event, payload}: the server publishes it).
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { open, name, until, WIRES, URL_GIVEN } from '../support/server.js';

for (const wire of WIRES) {
  describe(`API over ${wire}`, { skip: !URL_GIVEN && 'POLYWIRE_URL is not set', timeout: 60_000 }, () => {
    test('connects, and says so', async (t) => {
      const c = open(t, { transports: [wire] });
      assert.equal(c.state, 'connecting');
      const states = [];
      c.on('state', ({ state, transport }) => states.push([state, transport]));
      await c.ready;
      assert.equal(c.transport, wire);
      assert.ok(c.sessionId);
      assert.equal(c.user, null);
      await c.close();
      assert.deepEqual(states, [['connected', wire], ['closed', wire]]);
    });

    test('publishes to itself and others, in order, with acks and positions', async (t) => {
      const [a, b] = [open(t, { transports: [wire] }), open(t)];
      const channel = name();
      const got = { a: [], b: [] };
      a.channel(channel).on('ADDED', (m) => got.a.push(m));
      b.channel(channel).on('*', (m) => got.b.push(m));
      const [subscribed] = await Promise.all([a.channel(channel).subscribe(), b.channel(channel).subscribe()]);
      assert.equal(typeof subscribed.position.epoch, 'string');
      const acks = await Promise.all(Array.from({ length: 20 }, (_, i) => a.channel(channel).publish('ADDED', { i }, { traceId: 'trace-1' })));
      await until(() => got.a.length === 20 && got.b.length === 20);
      assert.deepEqual(got.b.map((m) => m.payload.i), acks.map((_, i) => i));
      assert.deepEqual(got.a.map((m) => m.offset), acks.map((ack) => ack.position.offset));
      assert.equal(got.b[0].traceId, 'trace-1');
      assert.ok(got.b[0].timestamp > 1e12 && got.b[0].sentAt > 1e12);
      assert.deepEqual(a.channel(channel).position, acks[19].position);
    });

    test('echo: false leaves the publisher out', async (t) => {
      const [a, b] = [open(t, { transports: [wire] }), open(t)];
      const channel = name();
      const got = { a: [], b: [] };
      a.channel(channel).on('*', (m) => got.a.push(m.payload));
      b.channel(channel).on('*', (m) => got.b.push(m.payload));
      await Promise.all([a.channel(channel).subscribe(), b.channel(channel).subscribe()]);
      await a.channel(channel).publish('E', 'silent', { echo: false });
      await a.channel(channel).publish('E', 'loud');
      await until(() => got.a.length && got.b.length === 2);
      assert.deepEqual(got, { a: ['loud'], b: ['silent', 'loud'] });
    });

    test('any JSON survives', async (t) => {
      const c = open(t, { transports: [wire] });
      const payload = { 'schlüssel': ['✓ 🚀 \u2028\n\r\t"\\', null, true, -1.5e-7, 2 ** 53 - 1, [], {}], deep: { er: { still: [[[1]]] } } };
      assert.deepEqual(await c.request('echo', payload), payload);
      for (const plain of [0, '', false, null, 'data: x\n\n']) assert.deepEqual(await c.request('echo', plain), plain);
    });

    test('a publish with an id is published once', async (t) => {
      const c = open(t, { transports: [wire] });
      const channel = c.channel(name());
      const got = [];
      channel.on('*', (m) => got.push(m.payload));
      await channel.subscribe();
      const first = await channel.publish('E', 1, { id: 'only' });
      const second = await channel.publish('E', 1, { id: 'only' });
      await channel.publish('E', 2);
      await until(() => got.length >= 2);
      assert.ok(!first.duplicate);
      assert.equal(second.duplicate, true);
      assert.deepEqual(second.position, first.position);
      assert.deepEqual(got, [1, 2]);
    });

    test('publishing without waiting for an answer', async (t) => {
      const c = open(t, { transports: [wire] });
      const channel = c.channel(name('plain'));
      const got = [];
      channel.on('*', (m) => got.push([m.payload, m.offset]));
      const { position } = await channel.subscribe();
      assert.equal(position, undefined);
      await channel.publish('E', 'x', { ack: false });
      await until(() => got.length);
      assert.deepEqual(got, [['x', undefined]]);
    });

    test('requests: replies, errors, timeouts, aborts', async (t) => {
      const c = open(t, { transports: [wire] });
      assert.deepEqual(await c.request('echo', { a: [1] }), { a: [1] });
      await assert.rejects(c.request('no.such.address', {}, { timeout: 5000 }), { name: 'PolywireError' });
      const abort = new AbortController();
      const asked = c.request('echo', 1, { signal: abort.signal });
      abort.abort();
      await assert.rejects(asked, { name: 'AbortError' });
      await assert.rejects(c.request('echo', 1, { signal: abort.signal }), { name: 'AbortError' });
    });

    test('the server publishes', async (t) => {
      const c = open(t, { transports: [wire] });
      const channel = c.channel(name());
      const got = [];
      channel.on('SHOUT', (m) => got.push(m.payload));
      await channel.subscribe();
      await c.request('test.shout', { channel: channel.name, event: 'SHOUT', payload: { loud: true } });
      await until(() => got.length);
      assert.deepEqual(got, [{ loud: true }]);
    });

    test('history', async (t) => {
      const c = open(t, { transports: [wire] });
      const channel = c.channel(name());
      const acks = [];
      for (let i = 1; i <= 7; i++) acks.push(await channel.publish('E', i));
      const payloads = (answer) => answer.messages.map((m) => m.payload);
      const all = await channel.history({ since: { ...acks[0].position, offset: acks[0].position.offset - 1 } });
      assert.deepEqual(payloads(all), [1, 2, 3, 4, 5, 6, 7]);
      assert.deepEqual(all.position, acks[6].position);
      const some = await channel.history({ since: acks[1].position, limit: 3 });
      assert.deepEqual(payloads(some), [3, 4, 5]);
      assert.equal(some.more, true);
      assert.deepEqual(payloads(await channel.history({ limit: 2, reverse: true })), [7, 6]);
      await assert.rejects(c.channel(name('plain')).history(), { code: 'no_history' });
    });

    test('recovery from a position', async (t) => {
      const [a, b] = [open(t), open(t, { transports: [wire] })];
      const channel = name();
      const acks = [];
      for (let i = 1; i <= 5; i++) acks.push(await a.channel(channel).publish('E', i));
      const got = [];
      b.channel(channel).on('*', (m) => got.push(m.payload));
      const subscribed = await b.channel(channel).subscribe({ position: acks[1].position });
      assert.equal(subscribed.recovered, true);
      await a.channel(channel).publish('E', 6);
      await until(() => got.length === 4);
      assert.deepEqual(got, [3, 4, 5, 6]);
      const gaps = [];
      const other = b.channel(name());
      other.on(':gap', (gap) => gaps.push(gap.reason));
      assert.equal((await other.subscribe({ position: { epoch: 'nonsense', offset: 3 } })).recovered, false);
      assert.deepEqual(gaps, ['not_recovered']);
    });

    test('presence: members, states, joins and leaves', async (t) => {
      const [a, b] = [open(t, { transports: [wire] }), open(t)];
      const channel = name();
      const ca = a.channel(channel);
      const events = [];
      ca.on(':join', (e) => events.push(['join', e.member.session]));
      ca.on(':leave', (e) => events.push(['leave', e.member.session]));
      ca.on(':presence', (e) => e.member && events.push([e.member.state, e.member.session]));
      const { members } = await ca.subscribe();
      assert.deepEqual(members.map((m) => [m.session, m.state]), [[a.sessionId, 'online']]);
      await b.channel(channel).subscribe();
      await until(() => ca.count === 2);
      await b.channel(channel).setState('away');
      await until(() => ca.members.some((m) => m.state === 'away'));
      assert.equal((await ca.presence()).members.length, 2);
      assert.deepEqual((await ca.presence({ count: true })).count, 2);
      const session = b.sessionId;
      await b.channel(channel).unsubscribe();
      await until(() => ca.count === 1);
      assert.deepEqual(events.filter(([, s]) => s === session).map(([e]) => e), ['join', 'away', 'leave']);
    });

    test('a closed session leaves', async (t) => {
      const [a, b] = [open(t), open(t, { transports: [wire] })];
      const channel = name();
      await a.channel(channel).subscribe();
      await b.channel(channel).subscribe();
      await until(() => a.channel(channel).count === 2);
      await b.close();
      await until(() => a.channel(channel).count === 1, 8000);
    });

    test('unsubscribe ends messages and iteration', async (t) => {
      const c = open(t, { transports: [wire] });
      const channel = c.channel(name());
      const got = [];
      const loop = (async () => {
        for await (const m of channel) got.push(m.payload);
      })();
      await channel.subscribe();
      await channel.publish('E', 1);
      await until(() => got.length);
      await channel.unsubscribe();
      await loop;
      await channel.publish('E', 2);
      const again = await channel.subscribe();
      assert.ok(again.position);
      const seen = [];
      channel.on('*', (m) => seen.push(m.payload));
      await channel.publish('E', 3);
      await until(() => seen.length);
      assert.deepEqual([got, seen], [[1], [3]]);
    });

    test('a bad channel name is refused, and the session goes on', async (t) => {
      const c = open(t, { transports: [wire] });
      await assert.rejects(c.channel('bad name').subscribe(), { name: 'PolywireError' });
      assert.equal(await c.request('echo', 1), 1);
    });
  });
}
