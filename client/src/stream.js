/**
 * A bounded queue between a channel and a `for await` loop. A loop that does not keep up loses the oldest messages, and
 * that is told, once for each time that it falls behind.
 * @template T
 * @implements {AsyncIterableIterator<T>}
 */
export class Stream {
  /** @type {T[]} */ #queue = [];
  /** @type {((result: IteratorResult<T>) => void)[]} */ #waiting = [];
  #over = false;
  #missed = 0;
  #limit;
  #overflow;
  #ended;

  /**
   * @param {number} limit
   * @param {(count: number) => void} overflow
   * @param {() => void} ended
   */
  constructor(limit, overflow, ended) {
    this.#limit = limit;
    this.#overflow = overflow;
    this.#ended = ended;
  }

  /** @param {T} value */
  push(value) {
    const waiting = this.#waiting.shift();
    if (waiting) return waiting({ value, done: false });
    this.#queue.push(value);
    if (this.#queue.length <= this.#limit) return;
    this.#queue.shift();
    this.#missed++;
  }

  /** Ends it, after what is queued. */
  end() {
    if (this.#over) return;
    this.#over = true;
    this.#ended();
    for (const waiting of this.#waiting.splice(0)) waiting({ value: undefined, done: true });
  }

  /** @returns {Promise<IteratorResult<T>>} */
  next() {
    if (this.#missed) {
      // Told where the loop is when it learns of it: before the message that follows the hole.
      const count = this.#missed;
      this.#missed = 0;
      this.#overflow(count);
    }
    if (this.#queue.length) return Promise.resolve({ value: /** @type {T} */ (this.#queue.shift()), done: false });
    if (this.#over) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** @returns {Promise<IteratorResult<T>>} */
  return() {
    this.#queue = [];
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}
