/** How far conversations have been read, where the server does not know it yet: one mark for each. No connection and no document. */

/** How long a mark waits for the next one, in milliseconds. */
const READING = 250;
/** How long one that failed waits, when nothing is said of it. */
const AGAIN = 5000;
/** Refusals that the next attempt would meet, too. */
const LASTING = /^(not_found|forbidden|bad_frame|closed)$/;

/** Whether another attempt is of use. @param {any} error */
export const passing = (error) => !LASTING.test(error.code);

/** After how many milliseconds. @param {any} error */
export const pause = (error) => error.retryAfter ?? AGAIN;

export class Marks {
  /** @type {Map<string, number>} */ #waiting = new Map();
  /** @type {any} */ #timer;

  /** @param {(channel: string, seq: number) => Promise<any>} tell tells the server */
  constructor(tell) {
    this.tell = tell;
  }

  /** Tells soon how far a conversation is read. @param {string} channel @param {number} seq */
  set(channel, seq) {
    this.#waiting.set(channel, seq);
    this.#later(READING);
  }

  /** Tells now what waits. What fails waits again. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const [channel, seq] of all) {
      this.tell(channel, seq).catch((error) => {
        if (!passing(error)) return;
        if (!this.#waiting.has(channel)) this.#waiting.set(channel, seq);
        this.#later(pause(error));
      });
    }
  }

  /** @param {number} ms */
  #later(ms) {
    this.#timer ??= setTimeout(() => this.flush(), ms);
  }
}
