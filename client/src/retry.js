/** The next attempt to connect, while it is waited for. */

/** A network that is back is back for everybody: they come within this time, not at once. */
const SPREAD = 500;

/** At most one attempt that waits for its time. */
export class Retry {
  #clock;
  #open;
  /** @type {{wire: string, earliest: number, at: number} | undefined} */ #due;
  /** @type {(() => void) | undefined} */ #cancel;

  /**
   * @param {{now: () => number, later: (ms: number, run: () => void) => () => void, random: () => number}} clock
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

  /** Does not wait that long any more, if there is an attempt that waits; false if there is none. */
  hasten() {
    if (!this.#due) return false;
    const { now, random } = this.#clock;
    const { wire, earliest, at } = this.#due;
    const sooner = Math.max(earliest, now() + SPREAD + random() * SPREAD);
    if (sooner < at) this.plan(wire, sooner - now(), earliest);
    return true;
  }

  cancel() {
    this.#cancel?.();
    this.#due = undefined;
  }
}
