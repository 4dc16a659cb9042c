/** What Server-Sent Events and long polling share: requests, refusals and the uplink by POST. */
import { pauseOf } from './errors.js';
import { backoff } from './policy.js';

const TIMEOUT = 10_000;
const BATCH_CHARS = 48_000;
const BATCH_FRAMES = 200;
const TRIES = 4;

/** @param {unknown} error @returns {import('./errors.js').Failure} */
export const broken = (error) => ({ code: 'network', message: String(error) });

/**
 * Sends one request of the session. The promise never rejects: a failure is a Failure.
 * @param {import('./types.js').Context} ctx
 * @param {string} path
 * @param {{body?: string, headers?: Record<string, string>, signal?: AbortSignal, keepalive?: boolean}} init
 * @param {boolean} [stream] the answer is not to be read to its end
 * @returns {Promise<{response?: Response, failure?: import('./errors.js').Failure, answer?: any}>} answer: the JSON of the body
 */
export async function ask(ctx, path, init, stream) {
  try {
    const response = await ctx.fetch(ctx.url + path, {
      method: init.body ? 'POST' : 'GET',
      cache: 'no-store',
      credentials: ctx.credentials,
      ...init,
      headers: { ...(init.body && { 'Content-Type': 'application/json' }), ...ctx.headers(), ...init.headers },
    });
    const { ok, status, headers } = response;
    if (ok && stream) return { response };
    let answer;
    try {
      answer = await response.json();
    } catch (error) {
      if (ok) throw error;
      // a proxy's own page; the status has to do
    }
    if (ok) return { answer };
    const { code, message, retryAfter } = answer ?? {};
    const pause = pauseOf(retryAfter) ?? pauseOf(Number(headers.get('Retry-After')) * 1000);
    return { answer, failure: { status, code, message, retryAfter: pause } };
  } catch (error) {
    return { failure: broken(error) };
  }
}

/**
 * Sends what the session has queued: one POST in flight, the same numbers until they are answered (R25-R27). It is the
 * upper half of a wire, and `signal` ends the lower.
 * @param {import('./types.js').Context} ctx
 */
export function uplink(ctx) {
  const { later, random } = ctx;
  const down = new AbortController();
  /** @type {AbortController | undefined} */ let up;
  let busy = false;
  /** Failures in a row, and those among them that are the wire's. */
  let tries = 0;
  let fails = 0;
  let most = BATCH_FRAMES;
  /** Uncounted frames, the newest of each type. @type {Map<string, Record<string, any>>} */
  let controls = new Map();

  const post = async () => {
    if (ctx.done) return;
    const { first, texts } = ctx.batch(BATCH_CHARS, most);
    const told = controls;
    controls = new Map();
    const count = texts.length;
    if (!count && !told.size) {
      busy = false;
      return;
    }
    const sent = first + count - 1;
    for (const frame of told.values()) texts.push(JSON.stringify(frame.type === 'pong' ? { ...frame, count: sent } : frame));
    const abort = (up = new AbortController());
    const cancel = later(TIMEOUT, () => abort.abort());
    const body = `[${texts}]`;
    const { answer, failure } = await ask(ctx, '/send', {
      body,
      headers: count ? { 'Polywire-First': `${first}` } : {},
      signal: abort.signal,
      keepalive: told.has('bye') && body.length < 20_000,
    });
    cancel();
    if (answer?.received >= 0) ctx.accepted(answer.received);
    if (ctx.done) return;
    if (failure) {
      controls = new Map([...told, ...controls]);
      failed(failure, count);
    } else {
      tries = fails = 0;
      most = BATCH_FRAMES;
      busy = false;
      flush();
    }
  };

  /**
   * @param {import('./errors.js').Failure} failure
   * @param {number} count of frames in the POST
   */
  const failed = (failure, count) => {
    const { status = 0, code, retryAfter = 0 } = failure;
    let pause = 0;
    if (count && (status === 413 || status === 400) && code !== 'unsupported_version') {
      // The whole POST was refused and nothing counted: find the frame that is to blame, and replace it (R27).
      if (count > 1) most = 1;
      else ctx.refuse(code, true);
    } else {
      if (/40[134]/.test(/** @type {any} */ (status)) || (status === 409 && code !== 'out_of_order')) return ctx.closed(failure);
      // 429 and 503 consumed nothing; they are the server's wish for a pause, and not a sign of a broken wire.
      if (status !== 429 && !retryAfter && ++fails >= TRIES) return ctx.closed({ ...failure, code: code ?? 'uplink' });
      pause = retryAfter + backoff(tries++, random);
    }
    later(pause, post);
  };

  const flush = () => {
    // Frames of one turn of the event loop travel together.
    if (!busy) queueMicrotask(post);
    busy = true;
  };

  return {
    signal: down.signal,
    flush,
    /** @param {Record<string, any>} frame */
    control(frame) {
      if (frame.reason === 'gone' && busy) {
        // A page that goes takes its POST along, so its last word goes by itself. The server waits for what is missing (R40).
        void ask(ctx, '/send', { body: `[${JSON.stringify(frame)}]`, keepalive: true });
        return;
      }
      controls.set(frame.type, frame);
      flush();
    },
    close() {
      up?.abort();
      down.abort();
    },
  };
}
