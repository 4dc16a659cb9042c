import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Machine } from '../src/machine.js';

const opened = (machine = new Machine()) => {
  const count = machine.tally();
  machine.welcome(count, { session: 's', secret: 'x', resumed: false, received: 0, first: 1 });
  return { machine, count };
};
const take = (machine, count, n) => Array.from({ length: n }, () => machine.take(count));
const attach = (machine, received, first) => {
  const count = machine.tally();
  const resume = machine.resume(count);
  return { count, resume, result: machine.welcome(count, { session: 's', resumed: true, received, first }) };
};
const sent = (machine, count) => {
  const list = [];
  for (let text; (text = machine.next(count)); ) list.push(JSON.parse(text).n ?? 'noop');
  return list;
};

test('R6: a new session begins with nothing received and frame 1', () => {
  const machine = new Machine();
  assert.equal(machine.resume(machine.tally()), undefined);
  machine.push({ n: 1 });
  const { count } = opened(machine);
  assert.deepEqual(sent(machine, count), [1]);
});

test('R10: every attach has a greater number, also after a failed one', () => {
  const { machine } = opened();
  assert.deepEqual([1, 2, 3].map(() => machine.resume(machine.tally()).attach), [1, 2, 3]);
});

test('R12: a resume states both counts, goes on from received + 1 and drops what is accepted', () => {
  const { machine, count } = opened();
  for (let n = 1; n <= 5; n++) machine.push({ n });
  assert.deepEqual(sent(machine, count), [1, 2, 3, 4, 5]);
  take(machine, count, 3);
  machine.accepted(2);
  const next = attach(machine, 4, 4);
  assert.deepEqual(next.resume, { session: 's', secret: 'x', attach: 1, received: 3, confirmed: 2 });
  assert.equal(next.result.outcome, 'resumed');
  assert.deepEqual(sent(machine, next.count), [5]);
});

test('R12: lower and late counts are ignored', () => {
  const { machine } = opened();
  for (let n = 1; n <= 5; n++) machine.push({ n });
  assert.ok(machine.accepted(4));
  assert.ok(machine.accepted(2));
  assert.equal(machine.taken, 4);
  assert.equal(machine.queued.length, 1);
  assert.equal(machine.accepted(6), false, 'more than there is');
});

test('R21: repeats are dropped, and what comes after a hole is not handed over', () => {
  const { machine, count } = opened();
  assert.deepEqual(take(machine, count, 5), ['new', 'new', 'new', 'new', 'new']);
  const { count: again } = attach(machine, 0, 4);
  assert.deepEqual(take(machine, again, 3), ['old', 'old', 'new']);
  // The old connection's late frame is the same number as one that was handed over on the new one.
  assert.equal(machine.take(count), 'old');
  again.next = 9;
  assert.equal(machine.take(again), 'jump');
  assert.equal(machine.received, 6, 'never adjusted');
});

test('R5, R12: a first beyond what is missing, another session, or accepted frames that were never sent are broken', () => {
  for (const welcome of [{ received: 0, first: 2 }, { session: 't', received: 0, first: 1 }, { received: 1, first: 1 }]) {
    const { machine } = opened();
    const count = machine.tally();
    machine.resume(count);
    assert.equal(machine.welcome(count, { session: 's', resumed: true, ...welcome }).outcome, 'broken');
  }
});

test('R26: a POST repeats the same numbers until it is answered', () => {
  const { machine } = opened();
  for (let n = 1; n <= 3; n++) machine.push({ n });
  assert.deepEqual(machine.batch(1000, 2), { first: 1, texts: ['{"n":1}', '{"n":2}'] });
  machine.push({ n: 4 });
  assert.deepEqual(machine.batch(1000, 2), { first: 1, texts: ['{"n":1}', '{"n":2}'] });
  machine.accepted(2);
  assert.deepEqual(machine.batch(8, 10), { first: 3, texts: ['{"n":3}'] });
  assert.deepEqual(machine.batch(1, 10), { first: 3, texts: ['{"n":3}'] }, 'one, however large');
});

test('R27: the text of a number never changes, and one that was tried is withdrawn by a noop', () => {
  const { machine, count } = opened();
  const frame = { n: 1, payload: { a: 1 } };
  const one = machine.push(frame);
  frame.payload.a = 2;
  assert.equal(machine.next(count), '{"n":1,"payload":{"a":1}}');
  const two = machine.push({ n: 2 });
  machine.push({ n: 3 });
  machine.withdraw(two);
  machine.withdraw(one);
  assert.deepEqual(machine.batch(1000, 9).texts, ['{"type":"noop"}', '{"n":3}']);
});

test('R27: a frame that is too large leaves its number to a noop', () => {
  const { machine, count } = opened();
  machine.push({ n: 1 });
  machine.push({ n: 2 });
  sent(machine, count);
  machine.accepted(1);
  machine.oversize = true;
  assert.deepEqual(machine.oversized().map((entry) => entry.frame.n), [2]);
  assert.deepEqual(machine.batch(1000, 9).texts, ['{"type":"noop"}']);
  machine.limit = 20;
  assert.throws(() => machine.push({ text: 'ä'.repeat(10) }), { code: 'too_large' });
  machine.push({ text: 'a'.repeat(5) });
});

test('a POST that was accepted after a WebSocket attached leaves placeholders on it', () => {
  const { machine } = opened();
  for (let n = 1; n <= 3; n++) machine.push({ n });
  machine.batch(1000, 9);
  const { count } = attach(machine, 0, 1);
  machine.accepted(2); // by the POST's late answer
  assert.deepEqual(sent(machine, count), ['noop', 'noop', 3]);
  assert.equal(count.sent, 3);
});

test('R17: after a lost session, what was tried and what never was are told apart', () => {
  const { machine, count } = opened();
  for (let n = 1; n <= 3; n++) machine.push({ n });
  machine.next(count);
  machine.next(count);
  machine.accepted(1);
  machine.forget('expired');
  const next = machine.tally();
  assert.equal(machine.resume(next), undefined);
  const result = machine.welcome(next, { session: 't', secret: 'y', resumed: false, received: 0, first: 1 });
  assert.equal(result.outcome, 'reset');
  assert.equal(result.reason, 'expired');
  assert.deepEqual(result.tried.map((entry) => entry.frame.n), [2]);
  assert.deepEqual(result.fresh.map((entry) => entry.frame.n), [3]);
  assert.equal(machine.last, 0);
  assert.equal(machine.resume(machine.tally()).attach, 1);
});
