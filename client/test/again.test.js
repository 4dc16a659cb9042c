/** What the client does again by itself: subscribe where the server lost a channel, and set its state there; and what it waits for first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events, finish, world } from './support/world.js';

/** A channel of a connection that is open, and the session's end on the server. */
async function subscribed(options) {
  const there = world();
  const c = there.open({ transports: ['websocket'] });
  const channel = c.channel('test:1', options);
  channel.subscribe();
  await there.clock.run(1000);
  const session = there.model.sessions.get(c.sessionId);
  const got = [];
  channel.on('E', (message) => got.push(message.payload));
  channel.on(':unsubscribed', ({ reason }) => got.push(reason));
  channel.on(':subscribed', ({ recovered }) => got.push({ recovered }));
  const subscribes = () => there.net.sent.filter(({ type }) => type === 'subscribe');
  const lose = (reason = 'lost') => {
    session.channels.delete('test:1');
    there.model.channel('test:1').members.delete(session.id);
    there.model.emit(session, { type: 'unsubscribed', channel: 'test:1', reason });
  };
  return { ...there, c, channel, session, got, subscribes, lose };
}

/** A model whose presence is for members only, as the real server's is. Returns the states that were set. */
function strict(model) {
  const set = [];
  const effect = model.effect.bind(model);
  model.effect = (session, frame) => {
    if (frame.type !== 'presence' || frame.state === undefined) return effect(session, frame);
    if (!session.channels.has(frame.channel)) return model.emit(session, { type: 'error', id: frame.id, channel: frame.channel, code: 'not_subscribed' });
    set.push(frame.state);
    return effect(session, frame);
  };
  return set;
}

test('a channel that the server lost is subscribed again from its position, with its state, and nothing is missed', async () => {
  for (const token of [undefined, async () => 'ours']) {
    const { clock, c, channel, model, session, got, subscribes, lose } = await subscribed({ token });
    const set = strict(model);
    channel.setState('away');
    await clock.run(1000);
    const other = model.channel('test:1');
    const publish = (payload) => model.effect(session, { type: 'publish', channel: 'test:1', event: 'E', payload });
    publish(1);
    await clock.run(1000);
    lose();
    publish(2);
    await clock.run(100);
    assert.ok(!channel.subscribed);
    await clock.run(5000);
    assert.ok(channel.subscribed);
    publish(3);
    await clock.run(1000);
    assert.deepEqual(got, [1, { recovered: true }, 2, 3]);
    assert.deepEqual(subscribes().at(-1).positions, { 'test:1': { epoch: 'e1', offset: 1 } });
    assert.deepEqual(set, ['away', 'away']);
    assert.equal(other.members.get(session.id).state, 'away');
    assert.deepEqual(events(c, 'error'), []);
    await finish(clock, c);
  }
});

test('while the server cannot take it back, it is asked less and less often, and a loop goes on waiting', async () => {
  const { clock, c, channel, model, got, subscribes, lose } = await subscribed();
  const loop = channel.messages();
  const first = loop.next();
  model.denies = () => ({ code: 'unavailable' });
  lose();
  await clock.run(60_000);
  const tries = subscribes().length - 1;
  assert.ok(tries >= 3 && tries <= 20, `${tries} in a minute`);
  await clock.run(600_000);
  assert.ok(subscribes().length - 1 - tries >= 10, 'it does not give up');
  assert.ok(subscribes().length - 1 - tries <= 100, `${subscribes().length} in eleven minutes`);
  assert.deepEqual(got, []);
  model.denies = undefined;
  await clock.run(60_000);
  assert.ok(channel.subscribed);
  channel.publish('E', 'back');
  await clock.run(1000);
  assert.equal((await first).value.payload, 'back');
  await finish(clock, c);
});

test('R33: a subscribe with a position that has to wait is asked again after retryAfter, and its promise waits', async () => {
  const { clock, open, model, net } = world();
  const c = open({ transports: ['websocket'] });
  const channel = c.channel('test:1');
  let busy = 2;
  model.denies = () => busy-- > 0 && { code: 'unavailable', retryAfter: 3000 };
  const refused = c.channel('test:2').subscribe(); // without a position it is for the application to decide
  await clock.run(100);
  await assert.rejects(refused, { code: 'unavailable', retryAfter: 3000 });
  const began = clock.now();
  const answer = channel.subscribe({ position: { epoch: 'e1', offset: 0 } });
  await clock.run(2900);
  const subscribes = () => net.sent.filter(({ channels, type }) => type === 'subscribe' && channels[0] === 'test:1');
  assert.equal(subscribes().length, 1);
  await clock.run(10_000);
  assert.equal((await answer).recovered, true);
  assert.ok(channel.subscribed && clock.now() > began + 3000);
  assert.deepEqual(subscribes().map(({ positions }) => positions['test:1'].offset), [0, 0]);
  assert.deepEqual(events(c, 'gap'), []);
  await finish(clock, c);
});

test('a subscribe that meets a full queue on its way back is tried again; one that has become too large is told', async () => {
  for (const end of ['full', 'large']) {
    const { clock, open, model, net } = world();
    let tokens = 0;
    const token = () => (end === 'large' && tokens++ ? 'x'.repeat(70_000) : 't');
    const c = open({ transports: ['websocket'], queueLimit: 2 });
    const channel = c.channel('test:1', { token });
    const out = [];
    channel.on(':unsubscribed', ({ reason }) => out.push(reason));
    channel.subscribe();
    await clock.run(1000);
    const session = model.sessions.get(c.sessionId);
    session.channels.delete('test:1');
    model.emit(session, { type: 'unsubscribed', channel: 'test:1', reason: 'lost' });
    await clock.run(100);
    if (end === 'full') {
      net.down.add('websocket');
      net.cut();
      await clock.run(100);
      for (const payload of [1, 2]) channel.publish('E', payload, { ack: false });
      await clock.run(8000);
      net.down.clear();
    }
    await clock.run(40_000);
    assert.equal(channel.subscribed, end === 'full', end);
    assert.deepEqual(out, end === 'full' ? [] : ['too_large']);
    assert.equal(events(c, 'error').length, end === 'full' ? 0 : 1);
    await finish(clock, c);
  }
});

test('a channel that was denied stays so, also one that is denied on its way back; and one that is left is left', async () => {
  for (const end of ['denied', 'forbidden', 'left']) {
    const { clock, c, channel, model, got, subscribes, lose } = await subscribed();
    if (end === 'forbidden') model.denies = () => ({ code: 'forbidden' });
    lose(end === 'denied' ? 'denied' : 'lost');
    await clock.run(100);
    if (end === 'left') channel.unsubscribe();
    await clock.run(60_000);
    assert.equal(subscribes().length, end === 'forbidden' ? 2 : 1, end);
    assert.deepEqual(got, end === 'left' ? [] : [end]);
    await finish(clock, c);
  }
});

test('a state that was sent behind a subscribe that had to be repeated is sent again behind that', async () => {
  const { clock, c, channel, model, session } = await subscribed();
  const set = strict(model);
  channel.setState('away');
  await clock.run(1000);
  let busy = 2;
  model.denies = () => busy-- > 0 && { code: 'rate_limited', retryAfter: 1000 };
  model.sessions.delete(session.id);
  c.dropWire();
  await clock.run(30_000);
  assert.ok(channel.subscribed);
  assert.deepEqual(set, ['away', 'away']);
  assert.equal(model.channel('test:1').members.get(c.sessionId).state, 'away');
  await finish(clock, c);
});

test('a state that was set while the token of its channel was still awaited comes behind the subscribe', async () => {
  const { clock, open, model } = world();
  const set = strict(model);
  const c = open({ transports: ['websocket'] });
  const channel = c.channel('test:1', { token: () => new Promise((resolve) => clock.later(500, () => resolve('ours'))) });
  channel.subscribe();
  channel.setState('away');
  await clock.run(5000);
  assert.ok(channel.subscribed);
  assert.equal(set.at(-1), 'away');
  await finish(clock, c);
});

test('switchTo in the turn of connect opens one wire', async () => {
  for (const wire of ['websocket', 'sse', 'longpoll']) {
    const { clock, net, open } = world();
    const c = open();
    const switched = c.switchTo(wire);
    await clock.run(1000);
    await switched;
    assert.deepEqual(net.opened.map(([, name]) => name), [wire]);
    assert.equal(c.transport, wire);
    await finish(clock, c);
  }
});

test('R41: switchTo does not come back sooner than the server wants, with a wire or without', async () => {
  for (const alive of [false, true]) {
    const { clock, net, model, open } = world();
    const c = open();
    await clock.run(10_000);
    const { refuse } = model;
    const refused = (conn) => {
      model.refuse = refuse;
      conn.end(1013, { retryAfter: 20_000, reconnect: 'resume' });
    };
    if (alive) {
      // A wire that was asked for is refused; the one in use goes on.
      model.refuse = refused;
      const first = assert.rejects(c.switchTo('longpoll'), { code: 'try_later' });
      await clock.run(1000);
      await first;
    } else refused(model.sessions.get(c.sessionId).conn);
    await clock.run(500);
    const [at, before] = [clock.now(), net.opened.length];
    const replaced = assert.rejects(c.switchTo('longpoll'), { code: 'superseded' });
    const switched = c.switchTo('sse');
    await clock.run(40_000);
    await Promise.all([switched, replaced]);
    const [when, name] = net.opened[before];
    assert.equal(name, 'sse');
    assert.ok(when - at >= 18_000 && when - at <= 20_000, `after ${when - at} ms`);
    assert.equal(c.transport, 'sse');
    await finish(clock, c);
  }
});
