/** An error told by the server or found by the client; `code` is stable (see section 10 of the protocol). */
export class PolywireError extends Error {
  /**
   * @param {string} code
   * @param {string} [message] for people
   * @param {{retryAfter?: number, channel?: string, frame?: any}} [detail] what the error's own fields become
   */
  constructor(code, message, { retryAfter, channel, frame } = {}) {
    super(message || code);
    this.name = 'PolywireError';
    this.code = code;
    /** @type {number | undefined} milliseconds to wait before trying again */
    this.retryAfter = retryAfter;
    /** @type {string | undefined} */
    this.channel = channel;
    /** @type {any} what it is about: a frame, or the number of one */
    this.frame = frame;
  }
}

/**
 * Makes an error of an `error` frame.
 * @param {Record<string, any>} frame
 */
export const errorOf = (frame) => new PolywireError(frame.code ?? 'internal', frame.message, /** @type {any} */ (frame));

/** Reasons after which not to come back (section 7), and those that need a new session. */
const STOP = /^(normal|unsupported_\w+|policy|bad_frame|unauthenticated|invalid_token|forbidden|replaced|disconnected|40[13]|1003|1008|400[012478]|4013)$/;
const NEW = /^(restart|unknown|expired|slow_consumer|lost|denied|1012|4005|401[12])$/;

/**
 * @typedef {object} Failure why a wire ended
 * @property {string} [code] a reason's name, or a close code that came without one; of ours: `silent`, `dropped`
 * @property {number} [status] HTTP status
 * @property {string} [message]
 * @property {number} [retryAfter] milliseconds
 * @property {'none' | 'resume' | 'new'} [reconnect] said by a `bye`
 */

/**
 * What there is of a pause that the other end asks for: milliseconds, or undefined.
 * @param {unknown} ms
 */
export const pauseOf = (ms) => (typeof ms === 'number' && ms > 0 ? ms : undefined);

/**
 * Judges what follows from the end of a wire: stop, resume the session or open a new one.
 * @param {Failure} why
 * @returns {'none' | 'resume' | 'new'}
 */
export const judge = ({ code, status, reconnect }) =>
  // A refusal of who we are (401, 403) is the same on every wire (R42).
  STOP.test(/** @type {any} */ (status)) ? 'none' : reconnect ?? (STOP.test(/** @type {string} */ (code)) ? 'none' : NEW.test(/** @type {string} */ (code)) ? 'new' : 'resume');
