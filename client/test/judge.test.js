/** The judge of the fault runs says no where it should. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, Log } from './crowd/judge.js';

const at = (offset, epoch = 'e') => ({ epoch, offset });
const label = (n, p = 'p') => ({ p, n });
const stored = (...offsets) => new Map([['c', offsets.map((n) => ({ label: label(n), at: at(n) }))]]);

/** A log of numbers, each at its own offset, and of gaps. */
function log(...entries) {
  const made = new Log();
  for (const entry of entries) {
    if (typeof entry === 'string') made.gap(entry);
    else made.message(label(entry), at(entry));
  }
  return made;
}

const verdict = (published, made) => {
  const { lost, told, repeated, reordered } = judge(published, [new Map([['c', made]])]);
  return { lost, told, repeated, reordered };
};
const fine = { lost: 0, told: 0, repeated: 0, reordered: 0 };

test('everything once and in order is fine', () => {
  assert.deepEqual(verdict(stored(1, 2, 3), log(1, 2, 3)), fine);
});

test('a missing message is lost, at the end as well', () => {
  assert.deepEqual(verdict(stored(1, 2, 3), log(1, 3)), { ...fine, lost: 1 });
  assert.deepEqual(verdict(stored(1, 2, 3), log(1, 2)), { ...fine, lost: 1 });
});

test('a gap in its place tells of it, one elsewhere does not', () => {
  assert.deepEqual(verdict(stored(1, 2, 3), log(1, 'epoch', 3)), { ...fine, told: 1 });
  assert.deepEqual(verdict(stored(1, 2, 3), log('epoch', 1, 3)), { ...fine, lost: 1 });
  assert.deepEqual(verdict(stored(1, 2, 3), log(1, 3, 'epoch')), { ...fine, lost: 1 });
  assert.deepEqual(verdict(stored(1, 2, 3), log(1, 2, 'epoch')), { ...fine, told: 1 });
});

test('a gap tells of what an epoch lost, though the next one begins lower', () => {
  const made = log(1, 'epoch');
  made.message(label(9), at(1, 'f'));
  assert.deepEqual(verdict(stored(1, 2), made), { ...fine, told: 1 });
});

test('what comes twice is repeated, and what comes late is reordered', () => {
  assert.deepEqual(verdict(stored(1, 2), log(1, 1, 2)), { ...fine, repeated: 1 });
  assert.deepEqual(verdict(stored(1, 2), log(2, 1)), { ...fine, reordered: 1 });
});
