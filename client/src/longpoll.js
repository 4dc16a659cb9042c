/** The long-polling wire: every poll is an attach that lasts one batch; up by POST. */
import { Uplink, ask } from './http.js';

const MARGIN = 10_000;
/** Polls that tell nothing come no faster than this. */
const PACE = 1_000;

/** @type {import('./types.js').Open} */
export function longpoll(ctx, on) {
  /** @type {AbortController | undefined} */ let abort;
  /** @type {(() => void) | undefined} */ let resting;
  let over = false;
  const close = () => {
    over = true;
    resting?.();
    uplink.close();
    abort?.abort();
  };
  const end = (/** @type {import('./errors.js').Failure} */ why) => {
    if (over) return;
    close();
    on.closed(why);
  };
  const uplink = new Uplink(ctx, end);

  const poll = async (/** @type {boolean} */ first) => {
    const wait = first ? 0 : ctx.heartbeat();
    const asked = ctx.now();
    const mine = (abort = new AbortController());
    let late = false;
    const cancel = ctx.later(wait + MARGIN, () => {
      late = true;
      mine.abort();
    });
    // The first one is a hello: should the session be gone, it opens a new one (R14), and it is answered at once.
    const { response, failure } = await ask(ctx, '/poll?wait=' + wait, {
      ...(first ? { body: JSON.stringify(ctx.hello()) } : { method: 'GET' }), headers: ctx.attach(), signal: mine.signal,
    });
    let frames;
    let why = failure;
    try {
      const text = await response?.text();
      frames = text && JSON.parse(text);
    } catch (error) {
      why = { code: 'network', message: String(error) };
    }
    cancel();
    if (over) return;
    if (!why && !Array.isArray(frames)) why = { code: 'no_frames' };
    if (why) return end(late ? { code: 'silent', silent: true } : why);
    on.heard();
    for (const frame of frames) {
      if (over) return;
      on.frame(frame, 0);
    }
    // Whoever answers at once and with a welcome alone, though asked to wait, would be asked in a circle.
    const pause = first || frames.length > 1 ? 0 : asked + Math.min(wait, PACE) - ctx.now();
    if (pause > 0) resting = ctx.later(pause, () => on.idle());
    else if (!over) on.idle();
  };
  poll(true);
  return { control: (frame) => uplink.control(frame), flush: () => uplink.flush(), close, poll: () => void poll(false) };
}
