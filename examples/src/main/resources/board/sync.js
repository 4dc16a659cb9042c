/**
 * Keeps a Yjs document in step with a channel.
 *
 * Updates of the document are published, and what others publish is applied. Yjs merges them whatever their order and however
 * often they come, so there is no more to it than that everybody gets each of them once: the server keeps them all for whoever
 * comes later, and whoever comes back brings what the server does not have.
 */
import { Doc, applyUpdate, encodeStateAsUpdate, encodeStateVector, mergeUpdates } from './vendor/yjs.js';

/** The most characters of an update; the server takes none that is longer. */
const LONGEST = 256 * 1024;

/** Milliseconds in which what is typed is gathered into one update. */
const GATHER = 40;

/** Milliseconds, at most, until a page brings a board back that a restarted server has lost: not all need to. */
const TURN = 300;

/** Milliseconds until something that the server has no room for is tried again: at least, at first, and at most. */
const FULL = { least: 1000, first: 2000, most: 60_000 };

/** The origin of what was not done here and now. */
export const REMOTE = Symbol('remote');

/** @param {Uint8Array} bytes @returns {string} */
export function toText(bytes) {
  let binary = '';
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}

/** @param {string} text @returns {Uint8Array} */
export const fromText = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

/** Makes one update of several, without what has been deleted. @param {string[]} updates @returns {string} */
export function mergeAll(updates) {
  const doc = new Doc();
  for (const update of updates) {
    try {
      applyUpdate(doc, fromText(update));
    } catch {
      // What nobody can read is dropped, or nothing would ever be made one again.
    }
  }
  const merged = encodeStateAsUpdate(doc);
  doc.destroy();
  return toText(merged);
}

/** A document with the same in it, but without what was deleted: a page keeps that, to undo it. @param {any} doc */
function copy(doc) {
  const other = new Doc();
  applyUpdate(other, encodeStateAsUpdate(doc));
  return other;
}

/** @param {any} doc @param {Uint8Array} update @returns {boolean} whether the document lacks something of it */
function isNews(doc, update) {
  let news = false;
  const other = copy(doc);
  other.on('update', () => (news = true));
  applyUpdate(other, update);
  other.destroy();
  return news;
}

export class Sync {
  /** Whether the server refuses what is new because the board is too large. */
  full = false;
  /** Whether something was done here that the server may not have. */
  unsaved = false;
  #channel;
  #doc;
  #changed;
  /** As far as we know, what the server has. */ #server = new Doc();
  #serverId = '';
  /** Whether it has to be found out what the server lacks. */ #compare = false;
  /** What is to be published. @type {Uint8Array[]} */ #pending = [];
  #sending = false;
  #timer = 0;
  #due = 0;
  #notBefore = 0;
  /** How often in a row there was no room. */ #refused = 0;

  /**
   * @param {any} channel
   * @param {any} doc
   * @param {() => void} changed called when `saved`, `unsaved` or `full` may have changed
   */
  constructor(channel, doc, changed) {
    this.#channel = channel;
    this.#doc = doc;
    this.#changed = changed;
    doc.on('update', (/** @type {Uint8Array} */ update, /** @type {any} */ origin) => {
      if (origin === REMOTE) return;
      this.unsaved = true;
      this.#pending.push(update);
      this.#later(GATHER);
      changed();
    });
    channel.on(':subscribed', (/** @type {any} */ { snapshot }) => snapshot && this.#begin(snapshot));
    channel.on('update', (/** @type {any} */ { payload }) => {
      this.#take(payload);
      // It may have made room.
      if (this.full) this.#later(0);
    });
  }

  /** Whether the server has all of what was done here. */
  get saved() {
    return !this.#pending.length && !this.#sending && !this.#compare && this.#channel.subscribed;
  }

  /** All that there is, as one update. @returns {Uint8Array} */
  whole() {
    const compact = copy(this.#doc);
    const update = encodeStateAsUpdate(compact);
    compact.destroy();
    return update;
  }

  /** Takes what was kept from before, which the server may or may not have. @param {Uint8Array} update */
  restore(update) {
    applyUpdate(this.#doc, update, REMOTE);
    this.unsaved = this.#compare = true;
    this.#later(0);
    this.#changed();
  }

  /** @param {string} text */
  #take(text) {
    try {
      const update = fromText(text);
      applyUpdate(this.#doc, update, REMOTE);
      applyUpdate(this.#server, update);
    } catch {
      // Not an update, whatever somebody says: the others are good all the same.
      console.warn('An update could not be read, and was left out.');
    }
  }

  /** The server told all that it has: on coming, on coming back, and after a restart, when that may be nothing. @param {any} snapshot */
  #begin({ server: id, updates }) {
    const restarted = this.#serverId && this.#serverId !== id;
    this.#serverId = id;
    this.#server.destroy();
    this.#server = new Doc();
    for (const update of updates) this.#take(update);
    this.#compare = true;
    this.#notBefore = 0;
    this.#later(restarted ? Math.random() * TURN : 0);
    this.#changed();
  }

  /** Finds out what the server does not have, which is then all that is to be published. */
  #bring() {
    const mine = copy(this.#doc);
    // Where there is no room to add something, there still is to remove, which makes some.
    const removed = encodeStateAsUpdate(mine, encodeStateVector(mine));
    const first = this.full && isNews(this.#server, removed);
    const lacking = first ? removed : encodeStateAsUpdate(mine, encodeStateVector(this.#server));
    mine.destroy();
    this.#pending = first || isNews(this.#server, lacking) ? [lacking] : [];
    this.#compare = first;
    this.unsaved ||= this.#pending.length > 0;
  }

  /** @param {number} ms */
  #later(ms) {
    const due = Math.max(performance.now() + ms, this.#notBefore);
    if (this.#timer && this.#due <= due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = window.setTimeout(() => { this.#timer = 0; this.#flush(); }, due - performance.now());
  }

  async #flush() {
    // The end of what is on its way, and a subscription, lead here again.
    if (this.#sending || !this.#channel.subscribed) return;
    if (this.#compare) this.#bring();
    if (this.#pending.length) {
      const update = this.#pending.length > 1 ? mergeUpdates(this.#pending) : this.#pending[0];
      this.#pending = [];
      this.#sending = true;
      const done = await this.#publish(update);
      this.#sending = false;
      if (!done) return this.#changed();
    }
    if (this.#pending.length || this.#compare) this.#later(0);
    else this.unsaved = this.full = false;
    this.#changed();
  }

  /** @param {Uint8Array} update @returns {Promise<boolean>} whether the server has it; otherwise it is tried again later */
  async #publish(update) {
    const text = toText(update);
    try {
      if (text.length > LONGEST) throw { code: 'too_large' };
      await this.#channel.publish('update', text);
      applyUpdate(this.#server, update);
      this.#refused = 0;
      return true;
    } catch (/** @type {any} */ error) {
      // It stays to be done, together with what comes: a part of it may be undone by then. Doing it again changes nothing.
      this.#compare = true;
      let pause = error.retryAfter ?? 1000;
      if (error.code === 'too_large') {
        this.full = true;
        pause = Math.min(FULL.first * 2 ** this.#refused++, FULL.most);
        // What is done meanwhile may make room, so it does not wait for that long.
        this.#notBefore = performance.now() + Math.max(FULL.least, text.length / 64);
      } else this.#notBefore = performance.now() + pause;
      this.#later(pause);
      return false;
    }
  }
}
