/** A wire and its place in the session, from its opening to its end. */
import { tokenOf } from './async.js';
import { broken } from './http.js';

/** @typedef {import('./types.js').Link} Link */
/** @typedef {import('./types.js').EngineOptions} EngineOptions */
/** @typedef {import('./machine.js').Frame} Frame */

const WELCOME = 10_000;

/** Makes headers of fields. @param {object} [fields] @returns {Record<string, string>} */
const named = (fields = {}) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => ['Polywire-' + name, value]));

/**
 * What makes an engine's links. A link is also what its wire gets to see of the engine; the wire is not opened yet.
 * @param {import('./types.js').Core} core
 * @param {EngineOptions} options
 * @param {import('./types.js').Events} on
 * @param {(link: Link, frame: Frame, size: number) => void} receive
 * @param {(link: Link, why: import('./errors.js').Failure) => void} fail
 */
export const links = (core, options, on, receive, fail) => (/** @type {Partial<Link> & {name: string}} */ place) => {
  const { machine } = core;
  const { now, later, client, capabilities, token, wires, welcomeTimeout = WELCOME } = options;
  const timers = new Set();
  const tally = machine.tally();
  const { name } = place;

  /** @param {string | undefined} fresh */
  const go = (fresh) => {
    if (link.done) return;
    core.token = fresh;
    on.token(fresh);
    try {
      link.wire = wires[name](link);
    } catch (error) {
      closed(broken(error));
    }
  };
  /** @param {import('./errors.js').Failure} why */
  const closed = (why) => fail(link, why);
  const heard = () => {
    link.at = now();
  };
  const resume = () => machine.resume(tally);

  /** @type {Link} */
  const link = {
    ...options, ...place, timers, tally, at: now(), closed, heard,
    later: (ms, run) => {
      const stop = () => {
        timers.delete(stop);
        cancel();
      };
      const cancel = later(ms, () => {
        stop();
        if (!link.done) run();
      });
      timers.add(stop);
      return stop;
    },
    rhythm: () => core.rhythm,
    hello: (token, resume) => ({ type: 'hello', versions: [1], client, token, capabilities, resume }),
    resuming: () => named(resume()),
    headers: () => ({ ...(core.token && { Authorization: 'Bearer ' + core.token }), ...named(machine.key) }),
    next: () => (link.done ? undefined : machine.next(tally)),
    batch: (size, most) => machine.batch(size, link === core.current ? most : 0),
    accepted: (number) => {
      if (!link.done && !machine.accepted(number)) link.drift();
    },
    drift: () => closed({ code: 'out_of_step' }),
    refuse: (code = 'too_large', first) => {
      machine.oversize ||= !!first;
      for (const entry of machine.oversized()) on.refused(entry, code);
    },
    opened: () => {
      if (link.probe) link.wire?.control({ type: 'ping', id: 'probe' });
      else if (!link.done) link.greet();
    },
    greet: () => link.wire?.control(link.hello(core.token, resume())),
    text: (text) => {
      heard();
      let frame;
      try {
        frame = JSON.parse(text);
      } catch {
        // what cannot be read counts all the same (R1)
      }
      link.frame(frame, text.length);
    },
    frame: (frame, size) => receive(link, frame ?? {}, size),
    idle: (wait) => {
      // A poll is an attach: it must not overtake that of the wire which is to replace it.
      if (core.trial?.tally.turn) link.waiting = true;
      else if (!link.done) link.wire?.poll?.(wait);
    },
    // With a token of its own, where a function gets them.
    dial: () => {
      on.note('open', name);
      link.later(welcomeTimeout, () => {
        if (link !== core.current) closed({ code: 'silent' });
      });
      if (typeof token !== 'function') return go(core.token ?? token);
      Promise.resolve(token).then(tokenOf).then(go, (error) => closed({ ...broken(error), code: 'token' }));
    },
  };
  return link;
};

/**
 * Ends a link: from now on, what comes from its wire is ignored.
 * @param {Link} [link]
 * @param {import('./errors.js').PolywireError} [error] for whoever asked for the switch to it
 */
export function retire(link, error) {
  if (!link || link.done) return;
  link.done = true;
  for (const cancel of link.timers) cancel();
  link.wire?.close();
  link.settle?.(error);
}
