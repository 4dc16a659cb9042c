/** The long-polling wire: every poll is an attach that lasts one batch; up by POST. */
import { ask, uplink } from './http.js';

const MARGIN = 10_000;
/** Polls that tell nothing come no faster than this. */
const PACE = 1_000;

/** @type {import('./types.js').Open} */
export function longpoll(ctx) {
  const wire = uplink(ctx);

  /** @param {string} [body] */
  const poll = async (body) => {
    const wait = body ? 0 : ctx.heartbeat();
    const asked = ctx.now();
    const cancel = ctx.later(wait + MARGIN, () => ctx.closed({ code: 'silent' }));
    const { answer, failure } = await ask(ctx, '/poll?wait=' + wait, { body, headers: ctx.attach(), signal: wire.signal });
    cancel();
    if (failure || !Array.isArray(answer)) return ctx.closed(failure ?? { code: 'no_frames' });
    ctx.heard();
    for (const frame of answer) ctx.frame(frame, 0);
    // Whoever answers at once and with a welcome alone, though asked to wait, would be asked in a circle.
    const pause = answer.length > 1 ? 0 : asked + Math.min(wait, PACE) - ctx.now();
    if (pause > 0) ctx.later(pause, ctx.idle);
    else ctx.idle();
  };
  // The first one is a hello: should the session be gone, it opens a new one (R14), and it is answered at once.
  poll(JSON.stringify(ctx.hello()));
  return { ...wire, poll: () => void poll() };
}
