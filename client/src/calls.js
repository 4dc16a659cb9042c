/** What was asked and not yet answered: by id, in the order of asking. */
import { PolywireError, errorOf } from './errors.js';

/** @typedef {import('./machine.js').Frame} Frame */
/** @typedef {import('./machine.js').Entry} Entry */

/**
 * @typedef {object} Call
 * @property {Frame} frame
 * @property {Entry} [entry] its place in the outbox
 * @property {number} at when it was asked
 * @property {(frame: Frame) => void} done
 * @property {(error: PolywireError | Error) => void} fail
 */

/** A publish is not sent again later than this: the server forgets its id after five minutes (R30). */
const WINDOW = 280_000;

/** The pending calls of a connection. */
export class Calls {
  /** @type {Call[]} */ #calls = [];
  #ids = 0;
  #env;

  /**
   * @param {object} env
   * @param {() => number} env.now
   * @param {(ms: number, run: () => void) => () => void} env.later
   * @param {(frame: Frame) => Entry} env.send throws when the frame cannot be queued
   * @param {(entry: Entry) => void} env.withdraw
   */
  constructor(env) {
    this.#env = env;
  }

  /** An id that no other call of this page has. */
  id() {
    return '~' + ++this.#ids;
  }

  /**
   * Sends a frame and waits for its answer.
   * @param {Frame} frame gets an id when it has none
   * @param {{timeout?: number, signal?: AbortSignal}} [options]
   * @returns {Promise<Frame>}
   */
  ask(frame, { timeout, signal } = {}) {
    const { now, later, send, withdraw } = this.#env;
    frame.id ??= this.id();
    const promise = new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = () => call.fail(signal?.reason);
      let cancel = () => {};
      const end = () => {
        cancel();
        signal?.removeEventListener('abort', abort);
        this.#calls = this.#calls.filter((other) => other !== call);
      };
      /** @type {Call} */
      const call = {
        frame, at: now(),
        done: (answer) => {
          end();
          resolve(answer);
        },
        fail: (error) => {
          end();
          if (call.entry) withdraw(call.entry);
          reject(error);
        },
      };
      call.entry = send(frame);
      this.#calls.push(call);
      signal?.addEventListener('abort', abort);
      if (timeout) cancel = later(timeout, () => call.fail(new PolywireError('timeout', '', { frame })));
    });
    // Whoever does not look at the answer is not to be ended by an unhandled rejection.
    promise.catch(() => {});
    return promise;
  }

  /**
   * Gives an answer to whom it belongs; false if nobody waits.
   * @param {Frame} frame
   */
  answer(frame) {
    const call = frame.id !== undefined && this.#calls.find((one) => one.frame.id === frame.id);
    if (!call) return false;
    call.entry = undefined; // answered, so accepted: nothing to withdraw
    if (frame.type === 'error') call.fail(errorOf(frame));
    else call.done(frame);
    return true;
  }

  /** Fails the call of a frame that cannot be sent. @param {Entry} entry @param {string} code */
  refuse(entry, code) {
    const call = this.#calls.find((one) => one.entry === entry);
    call?.fail(new PolywireError(code, undefined, { frame: entry.frame }));
    return !!call;
  }

  /**
   * The session was lost. What may be sent again is (R17), in its order, the rest fails; frames without an answer that
   * were tried are told to `lost`.
   * @param {Entry[]} tried
   * @param {Entry[]} fresh never on any wire: their outcome is known
   * @param {(frame: Frame, reason: string) => void} lost
   */
  reset(tried, fresh, lost) {
    const { now, send } = this.#env;
    const session = ['subscribe', 'unsubscribe', 'reply', 'ack', 'error', 'noop'];
    const unsent = new Set(fresh);
    // The new session may take less than the old one did.
    const again = (/** @type {Frame} */ frame, /** @type {Call | undefined} */ call) => {
      try {
        const entry = send(frame);
        if (call) call.entry = entry;
      } catch (error) {
        if (call) call.fail(/** @type {Error} */ (error));
        else lost(frame, /** @type {PolywireError} */ (error).code);
      }
    };
    const calls = this.#calls;
    for (const call of calls) {
      const { frame, entry } = call;
      if (entry && unsent.has(entry)) continue;
      const young = now() - call.at < WINDOW;
      call.entry = undefined;
      if (frame.type === 'presence' || (frame.type === 'publish' && young)) again(frame, call);
      else {
        call.fail(new PolywireError('outcome_unknown', '', { frame }));
        lost(frame, 'outcome_unknown');
      }
    }
    for (const { frame } of tried) {
      if (!calls.some((call) => call.frame === frame) && !session.includes(frame.type)) lost(frame, 'outcome_unknown');
    }
    for (const entry of fresh) {
      const call = calls.find((one) => one.entry === entry);
      if (session.includes(entry.frame.type)) continue;
      again(entry.frame, call);
    }
  }

  /** Fails what is left. @param {string} code */
  end(code) {
    for (const { frame, fail } of [...this.#calls]) fail(new PolywireError(code, '', { frame }));
  }
}
