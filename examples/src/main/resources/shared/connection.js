/** What a page shows of its connection: a badge, a choice of wires, and a banner while nothing comes. */
import { connect } from '/realtime/client.js';
import { make } from './dom.js';
import { about, freshToken, signInAgain, signOut } from './session.js';

/** @type {Record<string, string>} */
export const WIRES = { websocket: 'WebSocket', sse: 'SSE', longpoll: 'Long poll' };

/** Why a server lets nobody in who has to sign in first. */
const STRANGER = new Set(['unauthenticated', 'invalid_token']);

/**
 * Connects as whoever is signed in; `?wire=sse` in the page's address names the wire to begin with.
 *
 * @param {Record<string, any>} [options] of the client
 */
export function open(options = {}) {
  const first = new URLSearchParams(location.search).get('wire') ?? '';
  const wires = about.transports;
  return connect(about.path, {
    token: freshToken,
    remember: false,
    transports: wires.includes(first) ? [first, ...wires.filter((/** @type {string} */ wire) => wire !== first)] : undefined,
    ...options,
  });
}

/**
 * Shows the connection's state in an empty element with class `state` and role `status`.
 *
 * @param {any} connection
 * @param {HTMLElement} element
 */
export function statusBadge(connection, element) {
  const text = make('span', { class: 'state-text' });
  element.replaceChildren(make('span', { class: 'dot', 'aria-hidden': 'true' }), text);
  const show = (/** @type {any} */ error) => {
    const { state, transport } = connection;
    const wire = WIRES[transport] ?? '';
    element.dataset.state = state;
    element.dataset.wire = transport ?? '';
    text.textContent = /** @type {Record<string, string>} */ ({
      connecting: 'Connecting…',
      connected: `Live over ${wire}`,
      reconnecting: 'Reconnecting…',
      closed: 'Closed',
      failed: `Ended: ${error?.code ?? 'refused'}`,
    })[state] ?? state;
  };
  connection.on('state', (/** @type {any} */ { error }) => show(error));
  connection.on('transport', () => show(undefined));
  show(undefined);
}

/**
 * Offers the wires in an empty element with class `segments`; `auto` is the server's first.
 *
 * @param {any} connection
 * @param {HTMLElement} element
 * @param {(text: string, kind?: string) => void} [happened] told of what came of a choice
 */
export function wireChooser(connection, element, happened = () => {}) {
  const first = new URLSearchParams(location.search).get('wire') ?? 'auto';
  element.setAttribute('role', 'radiogroup');
  element.setAttribute('aria-label', 'Wire');
  element.replaceChildren();
  for (const wire of ['auto', ...Object.keys(WIRES)]) {
    const input = make('input', { type: 'radio', name: 'wire', value: wire, checked: wire === (about.transports.includes(first) ? first : 'auto'), disabled: wire !== 'auto' && !about.transports.includes(wire) });
    input.addEventListener('change', async () => {
      const target = wire === 'auto' ? about.transports[0] : wire;
      if (target === connection.transport) return;
      try {
        await connection.switchTo(target);
        happened(`Now over ${WIRES[target]}`);
      } catch (/** @type {any} */ error) {
        if (error.code !== 'superseded') happened(`${WIRES[target]} does not work here (${error.code ?? error.message})`, 'bad');
      }
    });
    element.append(make('label', {}, input, make('span', {}, wire === 'auto' ? 'Automatic' : WIRES[wire])));
  }
}

/**
 * Says in an empty element that nothing comes at the moment, and why; gone when it does again. Who is not let in any more is
 * sent to the sign-in page.
 *
 * @param {any} connection
 * @param {HTMLElement} element
 * @param {{sentence?: string, after?: number}} [how] what to add, and milliseconds that a loss may last unmentioned
 */
export function offlineBanner(connection, element, { sentence = '', after = 700 } = {}) {
  element.classList.add('offline');
  element.setAttribute('role', 'status');
  element.hidden = true;
  let was = false;
  /** @type {any} */
  let timer;
  const show = (/** @type {any} */ error) => {
    const { state } = connection;
    was ||= state === 'connected';
    if (state === 'connected' || state === 'failed' || state === 'closed') {
      clearTimeout(timer);
      timer = undefined;
    }
    if (state === 'connected') element.hidden = true;
    else if (state === 'failed' || state === 'closed') {
      element.replaceChildren(make('span', {}, state === 'closed' ? 'You are signed out.' : `The connection has ended (${error?.code ?? 'refused'}).`), ' ', make('button', { type: 'button', onclick: signOut }, 'Sign in again'));
      element.classList.add('failed');
      element.hidden = false;
    } else {
      // An attempt that fails meanwhile puts nothing off.
      timer ??= setTimeout(() => {
        timer = undefined;
        const why = navigator.onLine ? (was ? 'The server cannot be reached. Trying again…' : 'The server does not answer yet. Trying…') : 'You are offline.';
        element.replaceChildren(make('span', {}, `${why} ${sentence}`.trim()));
        element.classList.remove('failed');
        element.hidden = false;
      }, was ? after : after * 3);
    }
  };
  connection.on('state', (/** @type {any} */ { state, error }) => {
    if (state === 'failed' && STRANGER.has(error?.code)) signInAgain();
    else show(error);
  });
  addEventListener('online', () => show(undefined));
  addEventListener('offline', () => show(undefined));
}
