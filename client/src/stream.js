import { whenAborted } from './async.js';

/**
 * A bounded queue between a channel and a `for await` loop. A loop that does not keep up loses the oldest messages, and
 * that is told, once for each time that it falls behind. One whose signal is aborted throws the signal's reason.
 * @template T
 * @param {number} limit
 * @param {(count: number) => void} overflow
 * @param {Set<any>} all where it is until it ends
 * @param {AbortSignal} [signal]
 */
export function stream(limit, overflow, all, signal) {
  /** @type {T[]} */ let queue = [];
  /** @type {((result: any) => void)[]} */ const waiting = [];
  let over = false;
  let missed = 0;
  const last = async () => {
    signal?.throwIfAborted();
    return { value: /** @type {any} */ (undefined), done: true };
  };
  const self = {
    /** @param {T} value */
    push(value) {
      const give = waiting.shift();
      if (give) return give({ value, done: false });
      queue.push(value);
      if (queue.length <= limit) return;
      queue.shift();
      missed++;
    },

    /** Ends it, after what is queued. */
    end() {
      if (over) return;
      over = true;
      ignore?.();
      all.delete(self);
      for (const give of waiting) give(last());
    },

    /** @returns {Promise<IteratorResult<T, undefined>>} */
    async next() {
      if (missed) {
        // Told where the loop is when it learns of it: before the message that follows the hole.
        const count = missed;
        missed = 0;
        overflow(count);
      }
      if (queue.length) return { value: /** @type {T} */ (queue.shift()), done: false };
      return over ? last() : new Promise((resolve) => waiting.push(resolve));
    },

    /** @returns {Promise<IteratorResult<T, undefined>>} */
    async return() {
      queue = [];
      self.end();
      return { value: undefined, done: true };
    },

    [Symbol.asyncIterator]: () => self,
  };
  all.add(self);
  /** @type {(() => void) | undefined} */ let ignore;
  ignore = whenAborted(signal, self.return);
  return self;
}
