/** What a wire gets to see of the engine: its options and the session's queues. */

/**
 * A `hello`.
 * @param {import('./engine.js').Engine} engine
 * @param {import('./types.js').EngineOptions} options
 * @param {import('./machine.js').Frame} [resume] on a WebSocket; HTTP has headers for it
 */
export const hello = ({ token }, { client, capabilities }, resume) =>
  ({ type: 'hello', versions: [1], client, token, capabilities, resume });

/**
 * @param {import('./engine.js').Engine} engine
 * @param {import('./types.js').EngineOptions} options
 * @param {import('./types.js').Link} link
 * @param {import('./types.js').Events} on
 * @returns {import('./types.js').Context}
 */
export function contextOf(engine, options, link, on) {
  const { machine } = engine;
  return {
    ...options,
    heartbeat: () => engine.heartbeat,
    // The token is in the Authorization header, as on every other request.
    hello: () => ({ ...hello(engine, options), token: undefined }),
    attach: () => {
      const resume = machine.resume(link.count);
      /** @type {Record<string, string>} */ const headers = {};
      if (resume) {
        headers['Polywire-Attach'] = String(resume.attach);
        headers['Polywire-Received'] = String(resume.received);
        headers['Polywire-Confirmed'] = String(resume.confirmed);
      }
      return headers;
    },
    headers: () => {
      /** @type {Record<string, string>} */ const headers = {};
      if (engine.token) headers.Authorization = 'Bearer ' + engine.token;
      if (machine.session) {
        headers['Polywire-Session'] = machine.session;
        headers['Polywire-Secret'] = machine.secret ?? '';
      }
      return headers;
    },
    next: () => (link.done ? undefined : machine.next(link.count)),
    batch: (size, most) => (link === engine.current ? machine.batch(size, most) : { first: machine.confirmed + 1, texts: [] }),
    accepted: (count) => engine.accepted(link, count),
    refuse: (code) => {
      const [entry] = machine.outbox;
      if (!entry) return;
      machine.withdraw(entry);
      on.refused(entry, code);
    },
  };
}
