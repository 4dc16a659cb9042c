/**
 * Judges what a crowd of subscribers was handed against what the server said it had stored: what was handed twice, out of order,
 * or not at all, and whether a loss was told. Pure; the crowd calls it, and its own test proves that it can say no.
 */

/** @typedef {{epoch: string, offset: number}} Position */
/** @typedef {{p: string, n: number}} Label publisher and number */

const key = ({ p, n }) => `${p} ${n}`;

/** What one subscriber was handed of one channel, in the order of the handing. */
export class Log {
  /** @type {({label: Label, at: Position} | {gap: string})[]} */ entries = [];
  repeated = 0;
  reordered = 0;
  gaps = 0;
  /** The first that came out of order. @type {string | undefined} */ late;
  #seen = new Set();
  /** @type {Map<string, number>} */ #highest = new Map();

  /** @param {Label} label @param {Position} at */
  message(label, at) {
    const name = key(label);
    if (this.#seen.has(name)) {
      this.repeated++;
      return;
    }
    this.#seen.add(name);
    // A publisher sends its next one before the answer to the one before has come, but the server keeps its order.
    const before = this.#highest.get(label.p) ?? 0;
    if (label.n < before) {
      this.reordered++;
      this.late ??= `${name} after ${before} at ${at.epoch}/${at.offset}`;
    } else this.#highest.set(label.p, label.n);
    this.entries.push({ label, at });
  }

  /** @param {string} reason */
  gap(reason) {
    this.gaps++;
    this.entries.push({ gap: reason });
  }

  /** @param {Label} label */
  has(label) {
    return this.#seen.has(key(label));
  }

  /**
   * Whether a gap stands where a message is missing: what was handed before it comes before the message, and what was handed
   * after it comes after.
   * @param {Position} at
   */
  told(at) {
    let open = false;
    for (const entry of this.entries) {
      if ('gap' in entry) open = true;
      else if (entry.at.epoch === at.epoch) {
        if (entry.at.offset > at.offset) return open;
        open = false;
      }
    }
    return open;
  }
}

/**
 * Counts what went wrong.
 * @param {Map<string, {label: Label, at: Position}[]>} stored by channel: what publishers were told is stored
 * @param {Map<string, Log>[]} subscribers by channel, one map for each
 */
export function judge(stored, subscribers) {
  const sum = { stored: 0, received: 0, repeated: 0, reordered: 0, gaps: 0, told: 0, lost: 0, /** @type {string[]} */ examples: [] };
  for (const messages of stored.values()) sum.stored += messages.length;
  subscribers.forEach((logs, i) => {
    for (const [channel, log] of logs) {
      sum.received += log.entries.length - log.gaps;
      sum.repeated += log.repeated;
      sum.reordered += log.reordered;
      sum.gaps += log.gaps;
      if (log.late !== undefined && sum.examples.length < 5) sum.examples.push(`subscriber ${i} ${channel} ${log.late}`);
      for (const { label, at } of stored.get(channel) ?? []) {
        if (log.has(label)) continue;
        if (log.told(at)) sum.told++;
        else {
          sum.lost++;
          if (sum.examples.length < 5) sum.examples.push(`subscriber ${i} ${channel} ${key(label)} at ${at.epoch}/${at.offset}`);
        }
      }
    }
  });
  return sum;
}
