/** Messages as the application gets them, and which of them it has confirmed. */
import { PolywireError } from './errors.js';

/** @typedef {import('./machine.js').Frame} Frame */
/** @typedef {import('./channel.js').Message} Message */

/** So many ids are known of messages that were confirmed; the server stops to deliver again long before. */
const KNOWN = 500;

/** The confirmations of a connection (R37). */
export class Confirmations {
  /** Ids that were confirmed, and in which session. @type {Map<string, string | undefined>} */ #confirmed = new Map();
  #session;
  #send;

  /**
   * @param {() => string | undefined} session
   * @param {(frame: Frame) => void} send throws when the frame cannot be queued
   */
  constructor(session, send) {
    this.#session = session;
    this.#send = send;
  }

  /**
   * Makes a message of a frame; undefined when it was confirmed before.
   * @param {Frame} frame
   * @param {import('./channel.js').Position} [position]
   * @returns {Message | undefined}
   */
  message(frame, position) {
    const { type, confirm: id, ...rest } = frame;
    const session = this.#session();
    if (id !== undefined && this.#confirmed.has(id)) {
      this.#confirm(id, session);
      return undefined;
    }
    const confirm = () => {
      if (id !== undefined) this.#confirm(id, session);
    };
    return /** @type {Message} */ ({ ...rest, position, needsConfirm: id !== undefined, confirm });
  }

  /**
   * @param {string} id
   * @param {string | undefined} session in which the message came
   */
  #confirm(id, session) {
    const known = this.#confirmed;
    // A session that is gone delivers again in the next one; that ack is to be sent there.
    if (session !== this.#session() || (known.has(id) && known.get(id) === session)) return;
    try {
      this.#send({ type: 'ack', id });
    } catch (error) {
      // After the end nobody waits for it.
      if (error instanceof PolywireError && error.code === 'closed') return;
      throw error;
    }
    known.set(id, session);
    for (const old of known.keys()) if (known.size > KNOWN) known.delete(old);
  }
}
