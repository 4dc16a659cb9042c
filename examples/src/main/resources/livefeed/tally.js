/**
 * Counts what arrived by the numbers inside the messages (`n`: 1, 2, 3, … in each feed), so that it can contradict the
 * protocol below it.
 */
export class Tally {
  received = 0;
  repeated = 0;
  lost = 0;
  #feed = '';
  #last = 0;

  /**
   * A snapshot says where a feed stands. It only counts where we begin; in a feed that we are in it proves nothing.
   * @param {string} feed
   * @param {number} last
   * @returns {boolean} whether this is another feed than before
   */
  begin(feed, last) {
    if (feed === this.#feed) return false;
    this.#feed = feed;
    this.#last = last;
    return true;
  }

  /**
   * A message came.
   * @param {string} feed
   * @param {number} n
   * @param {boolean} known the snapshot already held it
   * @param {number} [from] the number up to which it makes up for those before, which may be left out; if not said, the one before
   * @returns {boolean} whether it is new
   */
  take(feed, n, known, from = n - 1) {
    if (feed !== this.#feed) {
      this.#feed = feed;
      this.#last = from;
    }
    if (n <= this.#last) {
      // What was published while we subscribed may be in the snapshot and follow it as well.
      if (!known) this.repeated++;
      return false;
    }
    this.received++;
    this.lost += Math.max(0, from - this.#last);
    this.#last = n;
    return true;
  }

  /** The whole came, which makes up for everything up to a number. @param {number} last */
  whole(last) {
    this.#last = Math.max(this.#last, last);
  }
}
