/** A document that the server keeps: whole at first, then what has changed. */

/** @param {any} value */
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

/**
 * Applies a JSON Merge Patch (RFC 7396): `null` removes, objects are gone into, and all else is replaced whole.
 * @param {any} document
 * @param {any} patch
 * @returns {any} the document as it is now; the one before is left as it was
 */
export function merge(document, patch) {
  if (!isObject(patch)) return patch;
  const result = isObject(document) ? { ...document } : {};
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) delete result[name];
    // Also a member called __proto__ is only a member.
    else Object.defineProperty(result, name, { value: merge(Object.hasOwn(result, name) ? result[name] : undefined, change), writable: true, enumerable: true, configurable: true });
  }
  return result;
}

/** Changes that may wait for the whole document to come. */
const HELD = 64;

/** The newest version that is known of a document. */
export class State {
  /** Which document it is: another one after the server was restarted. */
  of = '';
  version = -1;
  /** @type {any} */ document = undefined;
  #ask;
  #asking = false;
  /** @type {{of: string, from: number, to: number, patch: any}[]} */ #held = [];

  /** @param {() => void} ask called when the whole document is needed, and then not before it came or `failed` was called */
  constructor(ask) {
    this.#ask = ask;
  }

  /**
   * The whole document came.
   * @param {string} of
   * @param {number} version
   * @param {any} document
   */
  whole(of, version, document) {
    this.#asking = false;
    // An answer may be older than what has come since it was asked for.
    if (of !== this.of || version > this.version) Object.assign(this, { of, version, document });
    const held = this.#held;
    this.#held = [];
    for (const change of held) this.change(change);
  }

  /**
   * What has changed came. It can be applied to any version from `from` up to the one that it leads to.
   * @param {{of: string, from: number, to: number, patch: any}} change
   * @returns {boolean} whether the document is newer now
   */
  change(change) {
    if (change.of === this.of && change.to <= this.version) return false;
    if (change.of === this.of && change.from <= this.version) {
      this.document = merge(this.document, change.patch);
      this.version = change.to;
      return true;
    }
    this.#held.push(change);
    if (this.#held.length > HELD) this.#held.shift();
    if (!this.#asking) {
      this.#asking = true;
      this.#ask();
    }
    return false;
  }

  /** The whole document could not be had; the next change asks again. */
  failed() {
    this.#asking = false;
  }
}
