/** The long-polling wire: every poll is an attach that lasts one batch; up by POST. */
import { ask, uplink } from './http.js';

const MARGIN = 10_000;
/** Polls that tell nothing come no faster than this. */
const PACE = 1_000;

/** @type {import('./types.js').Open} */
export function longpoll(ctx) {
  const wire = uplink(ctx);
  /**
   * Stops the clock of the last poll. An earlier one that is still under way is overtaken, and what it brings comes again.
   * @type {(() => void) | undefined}
   */
  let cancel;

  /** @param {string} [body] @param {number} [wait] milliseconds */
  const poll = async (body, wait = ctx.rhythm()) => {
    cancel?.();
    const asked = ctx.now();
    const mine = (cancel = ctx.later(wait + MARGIN, () => ctx.closed({ code: 'silent' })));
    const { answer, failure } = await ask(ctx, '/poll?wait=' + wait, { body, headers: ctx.resuming(), signal: wire.signal });
    if (mine !== cancel) return;
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
  poll(JSON.stringify(ctx.hello()), 0);
  return { ...wire, poll: (wait) => void poll(undefined, wait) };
}
