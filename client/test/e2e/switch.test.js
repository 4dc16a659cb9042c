/** One session over changing wires, against a real server at POLYWIRE_URL: what was sent arrives once and in order. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { open, name, until, WIRES, URL_GIVEN } from '../support/server.js';

const options = { skip: !URL_GIVEN && 'POLYWIRE_URL is not set', timeout: 60_000 };
const numbers = (n) => Array.from({ length: n }, (_, i) => i + 1);

const WINDOW = 20;
const PATIENCE = 20_000;

/**
 * Publishes 1, 2, 3, ... by both ends, never far ahead of the answers, until it has been disturbed so many times, each time
 * in the middle of the stream, and checks what arrives where.
 */
async function stream(t, c, times, disturb) {
  const other = open(t);
  const [down, up] = [name(), name()];
  const got = { down: [], up: [] };
  c.channel(down).on('*', (m) => got.down.push(m.payload));
  other.channel(up).on('*', (m) => got.up.push(m.payload));
  await Promise.all([c.channel(down).subscribe(), other.channel(up).subscribe()]);
  const session = c.sessionId;
  const described = () => `${got.down.length} down, ${got.up.length} up, ${c.state} over ${c.transport}`;
  let over = false;
  const disturbing = (async () => {
    try {
      for (let i = 0; i < times; i++) {
        const [wantDown, wantUp] = [got.down.length + 10, got.up.length + 10];
        await until(() => got.down.length >= wantDown && got.up.length >= wantUp, PATIENCE, described);
        await disturb(i);
      }
    } finally {
      over = true;
    }
  })();
  disturbing.catch(() => {}); // it is awaited below
  const acks = [];
  let n = 0;
  while (!over) {
    n++;
    acks.push(c.channel(up).publish('N', n, n % 2 ? {} : { ack: false }), other.channel(down).publish('N', n));
    await Promise.all(acks.slice(0, -WINDOW).slice(-2));
  }
  await disturbing;
  await Promise.all(acks);
  // A channel keeps its order: whatever would come twice comes before this.
  await Promise.all([c.channel(up).publish('N', 'end'), other.channel(down).publish('N', 'end')]);
  await until(() => got.down.at(-1) === 'end' && got.up.at(-1) === 'end', PATIENCE, described);
  assert.deepEqual(got.down, [...numbers(n), 'end']);
  assert.deepEqual(got.up, [...numbers(n), 'end']);
  assert.equal(c.sessionId, session, 'still the same session');
}

describe('switching wires mid-stream', options, () => {
  for (const from of WIRES) {
    for (const to of WIRES.filter((wire) => wire !== from)) {
      test(`${from} to ${to} and back, again and again`, async (t) => {
        const c = open(t);
        const reset = [];
        c.on('reset', (detail) => reset.push(detail));
        await c.ready;
        await c.switchTo(from);
        await stream(t, c, 6, async (i) => {
          const wire = i % 2 ? from : to;
          await c.switchTo(wire);
          assert.equal(c.transport, wire);
        });
        assert.deepEqual(reset, []);
      });
    }
  }

  test('a wire that is not offered is left for one that is', async (t) => {
    for (const only of WIRES) {
      const c = open(t, { capabilities: { only } });
      await c.ready;
      assert.equal(c.transport, only);
      assert.equal(await c.request('echo', only), only);
    }
  });

  test('presence does not flicker', async (t) => {
    const [a, b] = [open(t), open(t)];
    const channel = name();
    const events = [];
    await a.channel(channel).subscribe();
    await b.channel(channel).subscribe();
    await until(() => a.channel(channel).count === 2);
    const { version } = await a.channel(channel).presence();
    a.channel(channel).on(':join', () => events.push('join'));
    a.channel(channel).on(':leave', () => events.push('leave'));
    for (const wire of WIRES.toReversed()) {
      await b.switchTo(wire);
      assert.equal(await b.request('echo', wire), wire);
    }
    await b.channel(channel).setState('moved');
    await until(() => a.channel(channel).members.some((m) => m.state === 'moved'));
    // A version is one change: nothing came and went unseen either.
    assert.equal((await a.channel(channel).presence()).version, version + 1);
    assert.deepEqual(events, []);
  });
});

describe('cut wires', options, () => {
  for (const wire of WIRES) {
    test(`${wire}, cut again and again`, async (t) => {
      const c = open(t, { transports: [wire] });
      let resumed = 0;
      c.on('resumed', () => resumed++);
      await c.ready;
      await stream(t, c, 4, () => c.dropWire());
      await until(() => resumed >= 4, PATIENCE, () => `resumed ${resumed} times`);
    });
  }

  test('requests and subscriptions survive a cut', async (t) => {
    const c = open(t);
    await c.ready;
    const asked = c.request('echo', 1);
    const subscribed = c.channel(name()).subscribe();
    c.dropWire();
    assert.equal(c.state, 'reconnecting');
    assert.equal(await c.request('echo', 2), 2);
    assert.equal(await asked, 1);
    assert.ok((await subscribed).position);
  });

  test('what is written without a wire is sent later', async (t) => {
    const c = open(t);
    const channel = c.channel(name());
    await channel.subscribe();
    const got = [];
    channel.on('*', (m) => got.push(m.payload));
    c.dropWire();
    const acks = numbers(10).map((i) => channel.publish('E', i));
    await Promise.all(acks);
    await until(() => got.length >= 10);
    assert.deepEqual(got, numbers(10));
  });
});

describe('fallback', options, () => {
  const broken = (behave) => class {
    readyState = 0;
    constructor() {
      // As soon as the client has set its handlers.
      queueMicrotask(() => behave(this));
    }
    send() {}
    close() {}
  };

  test('from a WebSocket that is refused', async (t) => {
    const c = open(t, { WebSocket: broken((ws) => ws.onclose({ code: 1006, reason: '' })) });
    await c.ready;
    assert.equal(c.transport, 'sse');
  });

  test('from a WebSocket that opens and is silent', async (t) => {
    const c = open(t, { welcomeTimeout: 300, WebSocket: broken((ws) => {
      ws.readyState = 1;
      ws.onopen();
    }) });
    await c.ready;
    assert.equal(c.transport, 'sse');
    assert.equal(await c.request('echo', 1), 1);
  });

  test('to long polling where streams are buffered, and back up when they are not', async (t) => {
    let buffered = true;
    const real = globalThis.fetch;
    const c = open(t, {
      transports: ['sse', 'longpoll'], welcomeTimeout: 500, upgradeAfter: 300,
      fetch: (url, init) => (buffered && url.endsWith('/sse') ? new Promise((_, reject) => {
        init.signal.addEventListener('abort', () => reject(new Error('aborted')));
      }) : real(url, init)),
    });
    await c.ready;
    assert.equal(c.transport, 'longpoll');
    const session = c.sessionId;
    buffered = false;
    await until(() => c.transport === 'sse', 15_000);
    assert.equal(c.sessionId, session);
  });
});

describe('a lost session', options, () => {
  for (const wire of ['sse', 'longpoll']) {
    test(`over ${wire} is told, and channels go on from their positions`, async (t) => {
      // A wrong secret looks like a session that the server has forgotten.
      let forge = false;
      const a = open(t, { transports: [wire], fetch: (url, init) => {
        const headers = new Headers(init.headers);
        if (forge && headers.has('Polywire-Secret')) headers.set('Polywire-Secret', 'x'.repeat(22));
        return fetch(url, { ...init, headers });
      } });
      const b = open(t);
      const channel = name();
      const got = [];
      a.channel(channel).on('*', (m) => got.push(m.payload));
      await a.channel(channel).subscribe();
      await b.channel(channel).publish('E', 1);
      await until(() => got.length === 1);
      const { sessionId } = a;
      const told = new Promise((resolve) => a.on('reset', (detail) => {
        forge = false;
        resolve(detail);
      }));
      forge = true;
      a.dropWire();
      const asked = a.request('echo', 'never sent before the loss');
      const published = a.channel(channel).publish('E', 2);
      await b.channel(channel).publish('E', 3);
      const { reason, session } = await told;
      forge = false;
      assert.equal(reason, 'unknown');
      assert.equal(session, a.sessionId);
      assert.notEqual(session, sessionId);
      assert.ok((await published).position);
      assert.equal(await asked, 'never sent before the loss');
      await until(() => got.length === 3);
      assert.deepEqual(got.toSorted(), [1, 2, 3]);
    });
  }
});

describe('requests of the server', options, () => {
  for (const wire of WIRES) {
    test(`over ${wire} are answered, or refused`, async (t) => {
      const c = open(t, { transports: [wire] });
      await assert.rejects(c.request('test.ask', 1), { name: 'PolywireError' });
      c.onRequest((event, payload) => ({ event, payload }));
      assert.deepEqual(await c.request('test.ask', { a: 1 }), { event: 'asked', payload: { a: 1 } });
    });
  }
});
