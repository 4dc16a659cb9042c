/**
 * Keeps a Yjs document in step with a channel.
 *
 * Updates of the document are published, and what others publish is applied. Yjs merges them whatever their order and however
 * often they come, so there is no more to it than that everybody gets each of them once: the server keeps them all for whoever
 * comes later, and whoever comes back brings what the server does not have.
 */
import { Doc, applyUpdate, encodeStateAsUpdate, encodeStateVector, mergeUpdates } from './vendor/yjs.js';

/** Milliseconds in which what is typed is gathered into one update. */
const GATHER = 40;

/** Milliseconds, at most, until a page brings a board back that a restarted server has lost: not all need to. */
const TURN = 300;

/** The origin of what came from others. */
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

export class Sync {
  /** Whether the server refuses what is new because the board is too large. */
  full = false;
  #channel;
  #doc;
  #changed;
  /** What is to be published. @type {Uint8Array[]} */ #pending = [];
  #sending = false;
  #timer = 0;
  /** What the server has, while we find out what it lacks. @type {any} */ #server = undefined;
  #serverId = '';

  /**
   * @param {any} channel
   * @param {any} doc
   * @param {() => void} changed called when `saved` or `full` may have changed
   */
  constructor(channel, doc, changed) {
    this.#channel = channel;
    this.#doc = doc;
    this.#changed = changed;
    doc.on('update', (/** @type {Uint8Array} */ update, /** @type {any} */ origin) => {
      if (origin === REMOTE) return;
      this.#pending.push(update);
      this.#later(GATHER);
      changed();
    });
    channel.on(':subscribed', (/** @type {any} */ { snapshot }) => snapshot && this.#compare(snapshot));
    channel.on('update', (/** @type {any} */ { payload }) => this.#take(payload));
  }

  /** Whether the server has all of what was done here. */
  get saved() {
    return !this.#pending.length && !this.#sending && !this.#server && this.#channel.subscribed;
  }

  /** @param {string} text */
  #take(text) {
    try {
      const update = fromText(text);
      applyUpdate(this.#doc, update, REMOTE);
      if (this.#server) applyUpdate(this.#server, update);
    } catch {
      // Not an update, whatever somebody says: the others are good all the same.
      console.warn('An update could not be read, and was left out.');
    }
  }

  /** The server told all that it has: on coming, on coming back, and after a restart, when that may be nothing. @param {any} snapshot */
  #compare({ server: id, updates }) {
    const restarted = this.#serverId && this.#serverId !== id;
    this.#serverId = id;
    this.#server = new Doc();
    for (const update of updates) this.#take(update);
    this.#later(restarted ? Math.random() * TURN : 0);
    this.#changed();
  }

  /** Finds out what the server does not have, which is then all that is to be published. */
  #bring() {
    const server = this.#server;
    this.#server = undefined;
    const lacking = encodeStateAsUpdate(this.#doc, encodeStateVector(server));
    let news = false;
    server.on('update', () => (news = true));
    applyUpdate(server, lacking);
    server.destroy();
    this.#pending = news ? [lacking] : [];
  }

  /** @param {number} ms */
  #later(ms) {
    if (!this.#timer) this.#timer = window.setTimeout(() => { this.#timer = 0; this.#flush(); }, ms);
  }

  async #flush() {
    if (this.#sending || !this.#channel.subscribed) return;
    if (this.#server) this.#bring();
    const updates = this.#pending;
    if (!updates.length) return this.#changed();
    this.#pending = [];
    this.#sending = true;
    let pause = 0;
    try {
      await this.#channel.publish('update', toText(updates.length > 1 ? mergeUpdates(updates) : updates[0]));
      this.full = false;
    } catch (/** @type {any} */ error) {
      // It stays to be done. If it was done, doing it again changes nothing.
      this.#pending.unshift(...updates);
      this.full = error.code === 'too_large';
      pause = this.full ? 5000 : (error.retryAfter ?? 1000);
    }
    this.#sending = false;
    if (this.#pending.length) this.#later(pause);
    this.#changed();
  }
}
