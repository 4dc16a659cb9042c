/**
 * The session's counters and queues, and nothing else: no sockets, no clock, no chance.
 * The rules of docs/protocol.md that make hand-off exact are kept here; the numbers in comments are theirs.
 */
import { PolywireError } from './errors.js';

/** @typedef {Record<string, any>} Frame */
/**
 * @typedef {object} Entry a counted frame in the outbox
 * @property {Frame} frame
 * @property {string} text kept, as a number means one frame for good (R27)
 * @property {(error: unknown, answer?: Frame) => void} [end] whoever waits for an answer
 */

/**
 * @typedef {object} Count one connection's place in both queues
 * @property {number} turn the attach number it carried, 0 for an opening
 * @property {number} next number of the next counted frame that comes on it
 * @property {number} sent number of the last counted frame sent on it
 */

/**
 * @typedef {{outcome: 'opened' | 'resumed' | 'broken'}
 *   | {outcome: 'reset', reason: string, tried: Entry[], fresh: Entry[]}} Welcomed what a welcome means; after a reset, what
 *   was left in the outbox: frames that were tried and frames that never were
 */

const NOOP = '{"type":"noop"}';
const bytes = new TextEncoder();

/** One session as the client sees it. */
export class Machine {
  /** What opens the session again; undefined when there is none. @type {{session: string, secret: string} | undefined} */ key;
  /** Whether a session was ever opened: the next one is then a reset. */
  opened = false;
  /** Why there is no session any more. @type {string | undefined} */ reason;
  /** The last attach number used (R10). */ turn = 0;
  /** Downstream frames handed over. */ received = 0;
  /** Upstream frames that the server has accepted. */ taken = 0;
  /** The highest upstream number that was ever put on a wire. */ tried = 0;
  /** Frames taken + 1, taken + 2, ... @type {Entry[]} */ queued = [];
  /** Largest frame that the server takes, in bytes. */ limit = Infinity;
  /** The server closed with `too_large`: the first frame it lacks is the one. */ oversize = false;

  /** The number of the last counted frame in the outbox, or before it. */
  get last() {
    return this.taken + this.queued.length;
  }

  /**
   * Queues a counted frame.
   * @param {Frame} frame
   * @param {Partial<Entry>} [entry] what becomes its entry
   * @returns {Entry}
   */
  push(frame, entry = {}) {
    const text = JSON.stringify(frame);
    if (this.#tooLarge(text)) throw new PolywireError('too_large', `over ${this.limit} bytes`, { frame });
    const full = Object.assign(entry, { frame, text });
    this.queued.push(full);
    return full;
  }

  /**
   * Withdraws a frame. One that was tried leaves its number to a `noop` (R27); one that was not has no number yet.
   * @param {Entry} entry
   */
  withdraw(entry) {
    const at = this.queued.indexOf(entry);
    if (at < 0) return;
    if (this.taken + at + 1 <= this.tried) this.queued[at] = { frame: { type: 'noop' }, text: NOOP };
    else this.queued.splice(at, 1);
  }

  /**
   * The server says how many frames it has accepted. Lower and late ones are ignored (R12).
   * @param {number} count
   * @returns {boolean} false if that cannot be
   */
  accepted(count) {
    if (count > this.last) return false;
    if (count > this.taken) {
      this.queued.splice(0, count - this.taken);
      this.taken = count;
      this.tried = Math.max(this.tried, count);
    }
    return true;
  }

  /**
   * Starts counting for one connection.
   * @returns {Count}
   */
  tally() {
    return { turn: 0, next: 1, sent: 0 };
  }

  /**
   * What a connection states to resume the session (R9), with an attach number of its own; undefined to open one.
   * @param {Count} count
   */
  resume(count) {
    const { key, received, taken: confirmed } = this;
    return key && { ...key, attach: (count.turn = ++this.turn), received, confirmed };
  }

  /** Gives the session up: the next welcome opens another. @param {string} reason */
  forget(reason) {
    if (this.key) this.reason = reason;
    this.key = undefined;
  }

  /**
   * Takes a `welcome` in. `broken`: the counts cannot be reconciled.
   * @param {Count} count
   * @param {Frame} welcome
   * @returns {Welcomed}
   */
  welcome(count, welcome) {
    const { session, secret, first, received } = welcome;
    this.limit = welcome.limits?.frame || this.limit;
    if (welcome.resumed) {
      if (!count.turn || session !== this.key?.session || first > this.received + 1 || !this.accepted(received)) {
        return { outcome: 'broken' };
      }
      count.next = first;
      // It may be lower than what a POST's answer told meanwhile; the numbers on this connection begin there all the same.
      count.sent = received;
      return { outcome: 'resumed' };
    }
    const reset = this.opened;
    const reason = welcome.reason ?? this.reason ?? 'unknown';
    const old = this.queued;
    const tried = this.tried - this.taken;
    this.opened = true;
    this.key = { session, secret };
    this.reason = undefined;
    this.turn = this.received = this.taken = this.tried = 0;
    this.oversize = false;
    count.turn = count.sent = 0;
    count.next = first ?? 1;
    if (!reset) return { outcome: 'opened' };
    this.queued = [];
    return { outcome: 'reset', reason, tried: old.slice(0, tried), fresh: old.slice(tried) };
  }

  /**
   * A counted frame came: whether it is to be handed over (`new`), or was before (`old`), or comes after a hole (`jump`). It is
   * counted before it is handed, so that an attach which a callback starts does not ask for it again.
   * @param {Count} count
   * @returns {'new' | 'old' | 'jump'}
   */
  take(count) {
    const number = count.next++;
    if (number <= this.received) return 'old';
    if (number > this.received + 1) return 'jump';
    this.received = number;
    return 'new';
  }

  /**
   * The next frame to be sent on a connection that numbers by order.
   * @param {Count} count
   * @returns {string | undefined}
   */
  next(count) {
    // A POST of the old wire was accepted after the attach: the server takes these for repeats, but has to count them here.
    if (count.sent < this.taken) {
      count.sent++;
      return NOOP;
    }
    const entry = this.queued[count.sent - this.taken];
    if (!entry) return undefined;
    this.tried = Math.max(this.tried, ++count.sent);
    return entry.text;
  }

  /**
   * The frames for a POST: all that are not confirmed, up to a bound.
   * @param {number} size in characters
   * @param {number} most
   */
  batch(size, most) {
    /** @type {string[]} */ const texts = [];
    for (const entry of this.queued) {
      size -= entry.text.length;
      if (texts.length >= most || (texts.length && size < 0)) break;
      texts.push(entry.text);
    }
    this.tried = Math.max(this.tried, this.taken + texts.length);
    return { first: this.taken + 1, texts };
  }

  /** Replaces frames that the server cannot take by `noop`, and returns them. @returns {Entry[]} */
  oversized() {
    const found = this.queued.filter((entry, at) => (this.oversize && at === 0) || this.#tooLarge(entry.text));
    this.oversize = false;
    found.forEach((entry) => this.withdraw(entry));
    return found;
  }

  /** @param {string} text */
  #tooLarge(text) {
    return text.length * 3 > this.limit && bytes.encode(text).length > this.limit;
  }
}
