/** An error told by the server or found by the client; `code` is stable (see section 10 of the protocol). */
export class PolywireError extends Error {
  /**
   * @param {string} code
   * @param {string} [message] for people
   * @param {{retryAfter?: number, channel?: string, frame?: any}} [detail]
   */
  constructor(code, message, detail = {}) {
    super(message || code);
    this.name = 'PolywireError';
    this.code = code;
    /** @type {number | undefined} milliseconds to wait before trying again */
    this.retryAfter = detail.retryAfter;
    /** @type {string | undefined} */
    this.channel = detail.channel;
    /** @type {any} what it is about: a frame, or the number of one */
    this.frame = detail.frame;
  }
}

/**
 * Makes an error of an `error` frame.
 * @param {Record<string, any>} frame
 */
export const errorOf = (frame) => new PolywireError(frame.code ?? 'internal', frame.message, /** @type {any} */ (frame));

/** Close codes, in the words of the protocol's table. @type {Record<number, string>} */
const NAMES = {
  1003: 'unsupported_data', 1008: 'policy', 1009: 'too_large', 1012: 'restart', 1013: 'try_later',
  4000: 'bad_frame', 4001: 'unauthenticated', 4002: 'invalid_token', 4003: 'authentication_timeout', 4004: 'forbidden',
  4005: 'expired', 4006: 'heartbeat_timeout', 4007: 'unsupported_version', 4008: 'replaced', 4009: 'stale',
  4010: 'out_of_step', 4011: 'slow_consumer', 4012: 'lost', 4013: 'disconnected', 4014: 'inbox_full',
};
const NONE = ['normal', 'unsupported_data', 'policy', 'unauthenticated', 'invalid_token', 'forbidden', 'unsupported_version',
  'unsupported_media_type', 'replaced', 'disconnected'];
const NEW = ['restart', 'unknown', 'expired', 'slow_consumer', 'lost', 'denied'];

/**
 * @typedef {object} Failure why a wire ended
 * @property {string | number} [code] a close code, or a reason's name
 * @property {number} [status] HTTP status
 * @property {string} [message]
 * @property {number} [retryAfter] milliseconds
 * @property {boolean} [silent] nothing was heard in time
 * @property {'none' | 'resume' | 'new'} [reconnect] said by a `bye`
 * @property {boolean} [cut] by our own wish: says nothing about the wire
 */

/**
 * Judges what follows from the end of a wire: stop, resume the session or open a new one.
 * @param {Failure} why
 * @returns {{code: string, reconnect: 'none' | 'resume' | 'new'}}
 */
export function judge(why) {
  const code = typeof why.code === 'number' ? NAMES[why.code] ?? 'closed' : why.code ?? 'closed';
  if (why.reconnect) return { code, reconnect: why.reconnect };
  // Before any other reading: a refusal of who we are is the same on every wire (R42).
  if (why.status === 401) return { code: code === 'closed' ? 'unauthenticated' : code, reconnect: 'none' };
  if (why.status === 403) return { code: code === 'closed' ? 'forbidden' : code, reconnect: 'none' };
  // A 400 to a hello is about us, and would be the same everywhere.
  if (NONE.includes(code) || (code === 'bad_frame' && why.status === 400) || why.code === 4000) return { code, reconnect: 'none' };
  return { code, reconnect: NEW.includes(code) ? 'new' : 'resume' };
}
