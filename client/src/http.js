/** What Server-Sent Events and long polling share: requests, refusals and the uplink by POST. */
import { pauseOf } from './errors.js';
import { backoff } from './policy.js';

const TIMEOUT = 10_000;
const BATCH_CHARS = 48_000;
const BATCH_FRAMES = 200;
const TRIES = 4;

/**
 * Sends one request of the session. The promise never rejects: a failure is a Failure.
 * @param {import('./types.js').Context} ctx
 * @param {string} path
 * @param {{method?: string, body?: string, headers?: Record<string, string>, signal?: AbortSignal, keepalive?: boolean}} init
 * @returns {Promise<{response?: Response, failure?: import('./errors.js').Failure, body?: any}>}
 */
export async function ask(ctx, path, init) {
  try {
    const response = await ctx.fetch(ctx.url + path, {
      method: 'POST',
      cache: 'no-store',
      credentials: ctx.credentials,
      ...init,
      headers: { ...(init.body && { 'Content-Type': 'application/json' }), ...ctx.headers(), ...init.headers },
    });
    if (response.ok) return { response };
    let body;
    try {
      body = JSON.parse(await response.text());
    } catch {
      // a proxy's own page; the status has to do
    }
    const retryAfter = pauseOf(body?.retryAfter) ?? pauseOf(Number(response.headers.get('Retry-After')) * 1000);
    return { body, failure: { status: response.status, code: body?.code, message: body?.message, retryAfter } };
  } catch (error) {
    return { failure: { code: 'network', message: String(error) } };
  }
}

/** Sends what the session has queued: one POST in flight, the same numbers until they are answered (R25-R27). */
export class Uplink {
  #ctx;
  #closed;
  #busy = false;
  #over = false;
  /** Failures in a row, and those among them that are the wire's. */ #tries = 0;
  #fails = 0;
  #most = BATCH_FRAMES;
  /** Uncounted frames, the newest of each type. @type {Map<string, Record<string, any>>} */
  #controls = new Map();
  /** @type {(() => void) | undefined} */ #cancel;
  /** @type {AbortController | undefined} */ #abort;

  /**
   * @param {import('./types.js').Context} ctx
   * @param {(why: import('./errors.js').Failure) => void} closed
   */
  constructor(ctx, closed) {
    this.#ctx = ctx;
    this.#closed = closed;
  }

  /** @param {Record<string, any>} frame */
  control(frame) {
    if (frame.reason === 'gone' && this.#busy) {
      // A page that goes takes its POST along, so its last word goes by itself. The server waits for what is missing (R40).
      void ask(this.#ctx, '/send', { body: `[${JSON.stringify(frame)}]`, keepalive: true });
      return;
    }
    this.#controls.set(frame.type, frame);
    this.flush();
  }

  flush() {
    if (this.#busy || this.#over) return;
    this.#busy = true;
    // Frames of one turn of the event loop travel together.
    queueMicrotask(() => this.#post());
  }

  close() {
    this.#over = true;
    this.#cancel?.();
    this.#abort?.abort();
  }

  async #post() {
    if (this.#over) return;
    const ctx = this.#ctx;
    const { first, texts } = ctx.batch(BATCH_CHARS, this.#most);
    const controls = this.#controls;
    this.#controls = new Map();
    if (!texts.length && !controls.size) {
      this.#busy = false;
      return;
    }
    const sent = first + texts.length - 1;
    for (const frame of controls.values()) texts.push(JSON.stringify(frame.type === 'pong' ? { ...frame, count: sent } : frame));
    const abort = (this.#abort = new AbortController());
    const cancel = (this.#cancel = ctx.later(TIMEOUT, () => abort.abort()));
    /** @type {Record<string, string>} */ const headers = sent >= first ? { 'Polywire-First': String(first) } : {};
    const body = `[${texts.join()}]`;
    const keepalive = controls.has('bye') && body.length < 20_000;
    let { response, failure, body: refusal } = await ask(ctx, '/send', { body, headers, signal: abort.signal, keepalive });
    let answer = refusal;
    if (response) {
      try {
        answer = await response.json();
      } catch (error) {
        failure = { code: 'network', message: String(error) };
      }
    }
    cancel();
    if (this.#over) return;
    if (typeof answer?.received === 'number') ctx.accepted(answer.received);
    if (!failure) {
      this.#tries = this.#fails = 0;
      this.#most = BATCH_FRAMES;
      this.#busy = false;
      this.flush();
      return;
    }
    for (const [type, frame] of controls) if (!this.#controls.has(type)) this.#controls.set(type, frame);
    this.#failed(failure, sent - first + 1);
  }

  /**
   * @param {import('./errors.js').Failure} failure
   * @param {number} count of frames in the POST
   */
  #failed(failure, count) {
    const { status, code } = failure;
    const { later, random } = this.#ctx;
    const again = (/** @type {number} */ ms) => {
      this.#cancel = later(ms, () => this.#post());
    };
    // The whole POST was refused and nothing counted: find the frame that is to blame, and replace it (R27).
    if ((status === 413 || status === 400) && count > 1) {
      this.#most = 1;
      return again(0);
    }
    if ((status === 413 || (status === 400 && code !== 'unsupported_version')) && count === 1) {
      this.#ctx.refuse(code ?? 'too_large');
      return again(0);
    }
    if (status === 401 || status === 403 || status === 404 || (status === 409 && code !== 'out_of_order')) return this.#closed(failure);
    // 429 and 503 consumed nothing; they are the server's wish for a pause, and not a sign of a broken wire.
    if (status !== 429 && !failure.retryAfter && ++this.#fails >= TRIES) return this.#closed({ ...failure, code: code ?? 'uplink' });
    again((failure.retryAfter ?? 0) + backoff(this.#tries++, random));
  }
}
