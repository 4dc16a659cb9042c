/** What components share of a channel, and what of it is the application's own: the React kit without React. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topicAt, topicOf } from '../react/topic.js';
import { finish, world } from './support/world.js';

const NAME = 'test:1';
/** The turn in which the last one to leave is believed. */
const turn = () => new Promise((resolve) => setTimeout(resolve));

test('who joins a channel that the application has subscribed sees its members', async () => {
  const { clock, model, open } = world();
  const [c, other] = [open(), open()];
  c.channel(NAME).subscribe();
  other.channel(NAME).subscribe();
  await clock.run(1000);
  const topic = topicOf(c, NAME);
  const leave = topic.join({});
  assert.equal(topic.people.members.length, 2);
  assert.equal(topic.people, topic.people, 'the same until they change');
  const [member] = topic.people.members.filter(({ session }) => session === other.sessionId);
  model.emit(model.sessions.get(c.sessionId), { type: 'leave', channel: NAME, member, count: 1, version: model.channel(NAME).version + 1 });
  await clock.run(1000);
  assert.deepEqual([topic.people.members.length, topic.people.count], [1, 1]);
  leave();
  await finish(clock, c, other);
});

test('what the application subscribes, before, meanwhile or afterwards, stays subscribed when the last component has gone', async () => {
  for (const when of ['before', 'under way', 'afterwards', 'never', 'with a signal that it aborts']) {
    const { clock, net, open } = world();
    const c = open({ transports: ['websocket'] });
    const channel = c.channel(NAME);
    const own = new AbortController();
    await clock.run(1000);
    if (when === 'before' || when === 'under way') channel.subscribe();
    if (when === 'before') await clock.run(1000);
    const leave = topicOf(c, NAME).join({});
    if (when === 'afterwards') channel.subscribe();
    if (when.startsWith('with')) channel.subscribe({ signal: own.signal });
    await clock.run(1000);
    assert.ok(channel.subscribed && topicOf(c, NAME).view.subscribed, when);
    own.abort();
    leave();
    await turn();
    await clock.run(1000);
    const kept = when !== 'never' && !when.startsWith('with');
    const count = (type) => net.sent.filter((frame) => frame.type === type).length;
    assert.deepEqual([channel.subscribed, count('subscribe'), count('unsubscribe')], [kept, 1, kept ? 0 : 1], when);
    assert.equal(topicAt(c, NAME), undefined);
    if (kept) await Promise.all([channel.unsubscribe(), clock.run(1000)]);
    assert.ok(!channel.subscribed);
    await finish(clock, c);
  }
});
