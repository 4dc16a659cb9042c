/** Keeps in the browser what the server does not have yet, so that it outlives the page. */

const PREFIX = 'polywire.board.unsaved.';

/** The most characters that are kept of a board by one page. */
const MOST = 1024 * 1024;

/** Milliseconds, at most, that something is not kept yet. */
const SOON = 300;

const random = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The locks that pages hold: they end with the page, however it ends. @returns {Promise<Set<string | undefined>>} */
const locks = async () => new Set((await navigator.locks?.query().catch(() => undefined))?.held?.map(({ name }) => name));

/**
 * What one page keeps of a board: its own, for there may be several pages of it, and each may be the last that has something.
 *
 * The next page of the board takes over what those that are gone have left. It goes when the server has it.
 */
export class Keeper {
  /** Whether what there is now could not be kept: there is no room, or nothing may be stored here. */
  failed = false;
  #prefix;
  #own;
  #content;
  #changed;
  #timer = 0;
  /** What other pages had kept, and this one has taken over. @type {Map<string, string>} */ #taken = new Map();
  #written = false;

  /**
   * @param {string} board
   * @param {() => string} content all that there is to be kept
   * @param {() => void} changed called when `failed` may have changed
   */
  constructor(board, content, changed) {
    this.#prefix = `${PREFIX}${board}.`;
    this.#own = this.#prefix + random();
    this.#content = content;
    this.#changed = changed;
  }

  /** Takes over what pages from before have kept. @returns {Promise<string[]>} */
  async take() {
    const there = await locks();
    navigator.locks?.request(this.#own, () => new Promise(() => {})).catch(() => {});
    try {
      // The one before us in this tab is gone, whether or not its lock is by now.
      there.delete(sessionStorage.getItem(this.#prefix) ?? undefined);
      sessionStorage.setItem(this.#prefix, this.#own);
      for (let i = 0; i < localStorage.length; i++) {
        const key = localStorage.key(i);
        if (key?.startsWith(this.#prefix) && !there.has(key)) this.#taken.set(key, localStorage.getItem(key) ?? '');
      }
    } catch {
      // Where nothing may be stored there is nothing.
    }
    return [...this.#taken.values()];
  }

  /** Keeps what there is, soon. */
  soon() {
    this.#timer ||= window.setTimeout(() => this.now(), SOON);
  }

  /** Keeps what there is, at once. @returns {boolean} whether it could be kept */
  now() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    try {
      const content = this.#content();
      this.failed = content.length > MOST;
      if (!this.failed) {
        localStorage.setItem(this.#own, content);
        this.#written = true;
        this.#forget();
      }
    } catch {
      this.failed = true;
    }
    this.#changed();
    return !this.failed;
  }

  /** The server has all of it. */
  drop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.failed = false;
    this.#forget();
    if (!this.#written) return;
    this.#written = false;
    localStorage.removeItem(this.#own);
  }

  /** Forgets what was taken over, unless its page was there after all and has kept something else. */
  #forget() {
    for (const [key, content] of this.#taken) if (localStorage.getItem(key) === content) localStorage.removeItem(key);
    this.#taken.clear();
  }
}
