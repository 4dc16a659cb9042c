/** What was asked and not yet answered: by id, in the order of asking. Bounded, also towards a server that takes in and never answers. */
import { quiet, whenAborted } from './async.js';
import { PolywireError, errorOf } from './errors.js';

/** @typedef {import('./machine.js').Frame} Frame */
/** @typedef {import('./machine.js').Entry} Entry */

/**
 * A frame that somebody waits for the answer of. It is its own entry in the outbox.
 * @typedef {Partial<Entry> & {frame: Frame, at: number, end: (error: unknown, answer?: Frame) => void}} Call
 */

/** A publish is not sent again later than this: the server forgets its id after five minutes (R30). */
const WINDOW = 280_000;
/** Frames that mean something in their session only. */
const OF_SESSION = /^((un)?subscribe|reply|ack|error|noop)$/;

const UNKNOWN = 'outcome_unknown';

/** @param {string} code @param {Frame} frame */
export const failure = (code, frame) => new PolywireError(code, '', { frame });

/** @typedef {ReturnType<typeof calls>} Calls */

/**
 * The pending calls of a connection.
 * @param {{now: () => number, later: (ms: number, run: () => void) => () => void}} clock
 * @param {number} most that may be without an answer at a time
 * @param {(frame: Frame, entry?: Partial<Entry>) => void} send throws when the frame cannot be queued
 * @param {(entry: any) => void} withdraw nothing when it is not in the outbox
 * @param {(frame: Frame, reason: string) => void} lost told of frames that nobody waits for the answer of
 */
export function calls({ now, later }, most, send, withdraw, lost) {
  /** @type {Map<string, Call>} */ const pending = new Map();
  let ids = 0;

  /** An id that no other call of this page has. */
  const id = () => '~' + ++ids;

  /** A frame will not be answered. @param {{frame: Frame, end?: Call['end']}} entry @param {string} code */
  const refuse = ({ frame, end }, code) => (end ? end(failure(code, frame)) : lost(frame, code));

  return {
    id,
    refuse,

    /**
     * Sends a frame and waits for its answer.
     * @param {Frame} frame gets an id when it has none
     * @param {{timeout?: number, signal?: AbortSignal}} [options]
     * @returns {Promise<Frame>}
     */
    ask: (frame, { timeout, signal } = {}) => quiet(new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const own = (frame.id ??= id());
      if (pending.has(own)) throw failure('duplicate_id', frame);
      if (pending.size >= most) throw failure('queue_full', frame);
      /** @type {Call} */
      const call = {
        frame, at: now(),
        end: (error, answer) => {
          cancel?.();
          ignore();
          pending.delete(own);
          if (!answer) withdraw(call); // what is answered was accepted
          if (answer && !error) resolve(answer);
          else reject(error);
        },
      };
      send(frame, call);
      pending.set(own, call);
      const ignore = whenAborted(signal, () => call.end(signal?.reason));
      const cancel = timeout ? later(timeout, () => call.end(failure('timeout', frame))) : undefined;
    })),

    /**
     * Gives an answer to whom it belongs; false if nobody waits.
     * @param {Frame} frame
     */
    answer(frame) {
      const call = pending.get(frame.id);
      call?.end(frame.type === 'error' && errorOf(frame), frame);
      return !!call;
    },

    /**
     * The session was lost. What may be sent again is (R17), in its order, the rest fails, and what of it was tried is lost.
     * @param {Entry[]} tried
     * @param {Entry[]} fresh never on any wire: their outcome is known
     */
    reset(tried, fresh) {
      /** @type {Set<any>} */ const unsent = new Set(fresh);
      // The new session may take less than the old one did.
      const again = (/** @type {Entry | Call} */ entry) => {
        try {
          send(entry.frame, entry);
        } catch (error) {
          refuse(entry, /** @type {PolywireError} */ (error).code);
        }
      };
      for (const call of [...pending.values()]) {
        const { frame, at } = call;
        const { type } = frame;
        if (unsent.has(call)) continue;
        if (type === 'presence' || (type === 'publish' && now() - at < WINDOW)) again(call);
        else {
          refuse(call, UNKNOWN);
          lost(frame, UNKNOWN);
        }
      }
      const ours = (/** @type {Entry} */ { frame }) => !OF_SESSION.test(frame.type);
      for (const entry of tried.filter(ours)) if (!entry.end) refuse(entry, UNKNOWN);
      fresh.filter(ours).forEach(again);
    },

    /** Fails what is left. @param {string} code */
    end(code) {
      for (const call of pending.values()) refuse(call, code);
    },
  };
}
