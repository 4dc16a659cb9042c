/** Channels that ask for a token of their own (R51). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish, world } from './support/world.js';

/** A server that takes each token of `ticket:` channels once, and wants them in order. */
function strict(model) {
  const shown = [];
  model.denies = (name, token) => {
    if (!name.startsWith('ticket:')) return token === undefined ? undefined : { code: 'bad_frame' };
    shown.push(token);
    return token === `t${shown.length}` ? undefined : { code: 'forbidden' };
  };
  return shown;
}

test('R51: a subscribe shows the token that a function gets, and a new one in a new session', async () => {
  const { clock, open, model } = world();
  const shown = strict(model);
  const c = open();
  let made = 0;
  const channel = c.channel('ticket:1', { token: async () => 't' + ++made });
  const plain = c.channel('test:1');
  const got = [];
  channel.on('*', (m) => got.push(m.payload));
  const answers = [channel.subscribe(), plain.subscribe()];
  channel.setState('busy').catch(() => {});
  await clock.run(1000);
  await Promise.all(answers);
  model.sessions.clear();
  c.dropWire();
  await clock.run(30_000);
  assert.ok(channel.subscribed && plain.subscribed);
  assert.deepEqual(shown, ['t1', 't2']);
  assert.equal(model.channel('ticket:1').members.get(c.sessionId).state, 'busy', 'our state is set behind the subscribe');
  c.channel('ticket:1').publish('E', 1).catch(() => {});
  await clock.run(1000);
  assert.deepEqual(got, [1]);
  assert.equal(c.channel('ticket:1'), channel, 'the same object without the option');
  await finish(clock, c);
});

test('R51: a token that cannot be got fails the subscribe, and is asked for again after a lost session', async () => {
  const { clock, open, model } = world();
  const c = open();
  const outcomes = [new Error('no network'), 't', new Error('away'), new Error('still away'), 't'];
  const channel = c.channel('ticket:1', {
    token: () => {
      const next = outcomes.shift();
      if (next instanceof Error) throw next;
      return next;
    },
  });
  await clock.run(1000);
  const failed = channel.subscribe();
  await clock.run(1000);
  await assert.rejects(failed, /no network/);
  assert.ok(!channel._wanted);
  const second = channel.subscribe();
  await clock.run(1000);
  await second;
  model.sessions.clear();
  c.dropWire();
  await clock.run(30_000);
  assert.ok(channel.subscribed);
  assert.deepEqual(outcomes, []);
  await finish(clock, c);
});

test('R51: who unsubscribes while the token is on its way has said nothing to the server', async () => {
  const { clock, open, model } = world();
  const shown = strict(model);
  const c = open();
  let give = (_) => {};
  const channel = c.channel('ticket:1', { token: () => new Promise((resolve) => (give = resolve)) });
  await clock.run(1000);
  const answer = channel.subscribe();
  await clock.run(1000);
  await channel.unsubscribe();
  give('t1');
  await clock.run(1000);
  await assert.rejects(answer, { code: 'unsubscribed' });
  assert.deepEqual(shown, []);
  await finish(clock, c);
});

test('R51: a token that the server refuses fails the subscribe', async () => {
  const { clock, open, model } = world();
  strict(model);
  const c = open();
  const answer = c.channel('ticket:1', { token: 'stale' }).subscribe();
  await clock.run(1000);
  await assert.rejects(answer, { code: 'forbidden' });
  await finish(clock, c);
});
