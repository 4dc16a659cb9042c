/** The signs of life on a wire: acknowledgements, silence, and the look after it when the page wakes up. */

/** @typedef {import('./types.js').Link} Link */

const ACK_AFTER = 500;
const ACK_CHARS = 10_000; // at most 30 KB of UTF-8 (R22)
const CHECK = 5_000;

/** The pulse of an engine's wires. Long polls have none: each poll acknowledges and has a deadline of its own. */
export class Pulse {
  #engine;
  #clock;
  #silent;
  #chars = 0;
  /** @type {(() => void) | undefined} */ #timer;

  /**
   * @param {import('./engine.js').Engine} engine
   * @param {{now: () => number, later: (ms: number, run: () => void) => () => void}} clock
   * @param {(link: Link) => void} silent
   */
  constructor(engine, clock, silent) {
    this.#engine = engine;
    this.#clock = clock;
    this.#silent = silent;
  }

  /** Nothing is to be acknowledged any more on the wire that was. */
  stop() {
    this.#timer?.();
    this.#timer = undefined;
    this.#chars = 0;
  }

  /** Tells the server how far we are. */
  tell() {
    this.stop();
    const { current, trial, machine } = this.#engine;
    // A POST may be overtaken by the attach that is under way. The server would then drop frames that it has just promised
    // to repeat on the new wire, whose numbers would no longer be ours. The new wire's welcome brings us back here, or the
    // clock does when there is none.
    if (trial?.count.attach) return this.count(0);
    // For the same reason, never more than this wire has brought: what it repeats, it has to repeat to the end.
    if (current && !current.wire?.poll) {
      current.wire?.control({ type: 'received', count: Math.min(machine.received, current.count.next - 1) });
    }
  }

  /** A frame is handed over: the server hears of it within a second or 32 KiB (R22). @param {number} size */
  count(size) {
    if (this.#engine.current?.wire?.poll) return;
    this.#chars += size;
    if (this.#chars >= ACK_CHARS) this.tell();
    else this.#timer ??= this.#clock.later(ACK_AFTER, () => this.tell());
  }

  /** Gives a wire up that has been silent for two heartbeats (R38). @param {Link} link */
  watch(link) {
    if (link.wire?.poll) return;
    const left = link.heard + 2 * this.#engine.heartbeat - this.#clock.now();
    if (left <= 0) return this.#silent(link);
    const cancel = this.#clock.later(left, () => {
      link.timers.delete(cancel);
      this.watch(link);
    });
    link.timers.add(cancel);
  }

  /** Asks for a sign of life now. @param {Link} link */
  check(link) {
    if (link.wire?.poll || link.checked) return;
    link.checked = true;
    const asked = this.#clock.now();
    link.wire?.control({ type: 'ping', id: 'check' });
    const cancel = this.#clock.later(CHECK, () => {
      link.timers.delete(cancel);
      link.checked = false;
      if (link.heard <= asked) this.#silent(link);
    });
    link.timers.add(cancel);
  }
}
