/** A wire and its place in the session, from its opening to its end. */
import { contextOf, hello } from './context.js';

/** @typedef {import('./types.js').Link} Link */
/** @typedef {import('./types.js').EngineOptions} EngineOptions */

const WELCOME = 10_000;

/**
 * A link whose wire is not opened yet.
 * @param {import('./engine.js').Engine} engine
 * @param {EngineOptions} options
 * @param {string} name of the wire
 * @param {Link['settle']} [settle]
 * @returns {Link}
 */
export const linkOf = ({ machine }, { now }, name, settle) =>
  ({ name, count: machine.count(), heard: now(), timers: new Set(), settle });

/**
 * Opens a link's wire, with a token of its own, and listens to it.
 * @param {import('./engine.js').Engine} engine
 * @param {EngineOptions} options
 * @param {import('./types.js').Events} on
 * @param {Link} link
 * @param {{frame: (frame: import('./machine.js').Frame, size: number) => void, failed: (why: import('./errors.js').Failure) => void}} tell
 */
export function dial(engine, options, on, link, tell) {
  const { later, welcomeTimeout = WELCOME, wires, token } = options;
  link.timers.add(later(welcomeTimeout, () => tell.failed({ code: 'silent', silent: true })));
  const go = (/** @type {string | undefined} */ fresh) => {
    if (link.done) return;
    engine.token = fresh;
    on.token(fresh);
    try {
      link.wire = wires[link.name](contextOf(engine, options, link, on), listener(engine, options, link, tell));
    } catch (error) {
      tell.failed({ code: 'network', message: String(error) });
    }
  };
  if (typeof token !== 'function') return go(engine.token ?? token);
  Promise.resolve().then(token).then(go, (error) => tell.failed({ code: 'token', message: String(error) }));
}

/**
 * @param {import('./engine.js').Engine} engine
 * @param {EngineOptions} options
 * @param {Link} link
 * @param {Parameters<typeof dial>[4]} tell
 * @returns {import('./types.js').Listener}
 */
function listener(engine, options, link, tell) {
  const heard = () => {
    link.heard = options.now();
  };
  return {
    heard,
    opened: () => {
      if (link.done) return;
      if (link.probe) link.wire?.control({ type: 'ping', id: link.probe });
      else greet(engine, options, link);
    },
    text: (text) => {
      heard();
      let frame;
      try {
        frame = JSON.parse(text);
      } catch {
        // what cannot be read counts all the same (R1)
      }
      tell.frame(frame ?? {}, text.length);
    },
    frame: (frame, size) => tell.frame(frame ?? {}, size),
    idle: () => {
      // A poll is an attach: it must not overtake that of the wire which is to replace it.
      if (engine.trial?.count.attach) link.waiting = true;
      else link.wire?.poll?.();
    },
    closed: tell.failed,
  };
}

/**
 * Says hello on a WebSocket.
 * @param {import('./engine.js').Engine} engine
 * @param {EngineOptions} options
 * @param {Link} link
 */
export function greet(engine, options, link) {
  link.wire?.control(hello(engine, options, engine.machine.resume(link.count)));
}

/**
 * Ends a link: from now on, what comes from its wire is ignored.
 * @param {Link} [link]
 * @param {import('./errors.js').PolywireError} [error] for whoever asked for the switch to it
 */
export function retire(link, error) {
  if (!link || link.done) return;
  link.done = true;
  link.timers.forEach((cancel) => cancel());
  link.wire?.close();
  link.settle?.(error);
  link.settle = undefined;
}
