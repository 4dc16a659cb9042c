/** The next attempt to connect, while it is waited for. */

/** At most one attempt that waits for its time. */
export class Retry {
  #clock;
  #open;
  /** @type {{wire: string, earliest: number, at: number} | undefined} */ #due;
  /** @type {(() => void) | undefined} */ #cancel;

  /**
   * @param {{now: () => number, later: (ms: number, run: () => void) => () => void}} clock
   * @param {(wire: string) => void} open makes the attempt
   */
  constructor(clock, open) {
    this.#clock = clock;
    this.#open = open;
  }

  /**
   * Plans an attempt, instead of one that was planned.
   * @param {string} wire
   * @param {number} delay
   * @param {number} earliest the time before which the server does not want to be asked again
   */
  plan(wire, delay, earliest) {
    const { now, later } = this.#clock;
    this.#cancel?.();
    this.#due = { wire, earliest, at: now() + delay };
    this.#cancel = later(delay, () => {
      this.#due = undefined;
      this.#open(wire);
    });
  }

  /** Whether there is an attempt that waits. */
  get waiting() {
    return !!this.#due;
  }

  /**
   * Waits no longer than this from now on, but not less than the server wants; false if that is no sooner.
   * @param {number} delay
   */
  hasten(delay) {
    if (!this.#due) return false;
    const { wire, earliest, at } = this.#due;
    const now = this.#clock.now();
    const sooner = Math.max(earliest, now + delay);
    if (sooner >= at) return false;
    this.plan(wire, sooner - now, earliest);
    return true;
  }

  cancel() {
    this.#cancel?.();
    this.#due = undefined;
  }
}
