/** Messages as the application gets them, and which of them it has confirmed. */

/** @typedef {import('./machine.js').Frame} Frame */
/** @typedef {import('./channel.js').Message} Message */

/** So many ids are known of messages that were confirmed; the server stops to deliver again long before. */
const KNOWN = 500;

/**
 * The confirmations of a connection (R37): what makes a message of a frame, or nothing when it was confirmed before.
 * @param {() => unknown} session another value for each session, and after the end
 * @param {(frame: Frame) => void} send throws when the frame cannot be queued
 * @returns {(frame: Frame, position?: import('./channel.js').Position) => Message | undefined}
 */
export function confirmations(session, send) {
  /** Ids that were confirmed, and in which session. @type {Map<string, unknown>} */
  const known = new Map();
  return ({ type, confirm: id, ...rest }, position) => {
    const needsConfirm = id !== undefined;
    const from = session();
    const confirm = () => {
      // A session that is gone delivers again in the next one; that ack is to be sent there. After the end nobody waits for it.
      if (!needsConfirm || from !== session() || known.get(id) === from) return;
      send({ type: 'ack', id });
      known.set(id, from);
      for (const old of known.keys()) if (known.size > KNOWN) known.delete(old);
    };
    if (known.has(id)) return void confirm();
    return /** @type {Message} */ ({ ...rest, position, needsConfirm, confirm });
  };
}
