/** A clock that only the test moves, and chance from a seed. */

export class Clock {
  time = 1_000_000;
  #timers = [];
  #order = 0;

  now = () => this.time;

  later = (ms, run) => {
    const timer = { at: this.time + Math.max(0, ms), order: this.#order++, run };
    this.#timers.push(timer);
    return () => {
      timer.run = undefined;
    };
  };

  /** Lets everything happen that is due within so many milliseconds. */
  async run(ms) {
    const end = this.time + ms;
    for (;;) {
      await settle();
      this.#timers = this.#timers.filter((timer) => timer.run);
      let next;
      for (const timer of this.#timers) if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
      if (!next || next.at > end) break;
      this.time = Math.max(this.time, next.at);
      const { run } = next;
      next.run = undefined;
      run();
    }
    this.time = end;
  }

  get pending() {
    return this.#timers.filter((timer) => timer.run).length;
  }
}

/** Lets promises that wait for nothing but each other go on. */
const settle = async () => {
  for (let i = 0; i < 30; i++) await undefined;
};

/** mulberry32 */
export function seeded(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
