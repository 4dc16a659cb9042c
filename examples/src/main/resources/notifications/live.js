/** What both pages have: one connection, the inbox, and toasts for what comes. */
import { $ } from '/shared/dom.js';
import { offlineBanner, open, statusBadge, wireChooser } from '/shared/connection.js';
import { api, requirePerson, signOut } from '/shared/session.js';
import { toast } from './items.js';
import { InboxModel } from './model.js';

/** Milliseconds between attempts of what a lost session may have swallowed. */
const AGAIN = 1000;
/** The most milliseconds between attempts to read the inbox. */
const SELDOM = 30_000;
/** Notifications of the browser that are closed when they are read here. */
const OUTSIDE = 20;
/** More toasts at once would hide the page. */
const TOASTS = 3;

/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @param {{changed: (model: InboxModel) => void, sentence: string}} page */
export async function begin({ changed, sentence }) {
  const me = await requirePerson();
  $('me').textContent = me.name;
  $('out').addEventListener('click', () => {
    connection.close();
    signOut();
  });
  const connection = open();
  statusBadge(connection, $('state'));
  wireChooser(connection, $('wires'));
  offlineBanner(connection, $('offline'), { sentence });
  const channel = connection.channel(`user:${me.user}`);

  /**
   * Asks until it is known to be done: each of these may be done twice. What is asked for offline waits.
   *
   * @param {string} address
   * @param {unknown} payload
   */
  async function ask(address, payload) {
    for (let left = 20; ; left = connection.state === 'connected' ? left - 1 : left) {
      try {
        return await connection.request(address, payload);
      } catch (/** @type {any} */ error) {
        if (!left || !['outcome_unknown', 'timeout', 'unavailable', 'internal'].includes(error.code)) throw error;
        await pause(AGAIN);
      }
    }
  }

  let stale = false;
  /** @type {Promise<void> | undefined} */
  let reading;

  /** Reads the inbox, and again when something was missed meanwhile. */
  function refresh() {
    stale = true;
    return (reading ??= read());
  }

  async function read() {
    for (let tries = 0; stale; ) {
      stale = false;
      const since = model.changes;
      try {
        model.show(await api('/api/inbox'), since);
      } catch (/** @type {any} */ error) {
        // Who is not let in is told so by the connection.
        if (error.status === 401) break;
        stale = true;
        await pause((0.5 + Math.random() / 2) * Math.min(SELDOM, 500 * 2 ** tries++));
      }
    }
    reading = undefined;
  }

  const model = new InboxModel({
    channel,
    changed: () => {
      settle();
      changed(model);
    },
    arrived: (fresh, away) => arrived(fresh, away),
    acknowledge: (ids) => void ask('inbox.acknowledge', { ids }).catch(() => {}),
    missed: refresh,
  });

  /** @param {any[]} fresh @param {boolean} away */
  function arrived(fresh, away) {
    const loud = fresh.filter((one) => !one.quiet && !one.read);
    if (loud.length > TOASTS) toast($('toasts'), { title: `${loud.length} new notifications`, body: away ? 'They came while you were away.' : '', severity: 'info' });
    else for (const one of loud) toast($('toasts'), one);
    if (document.visibilityState === 'hidden' && globalThis.Notification?.permission === 'granted') {
      loud.slice(-TOASTS).forEach(showOutside);
    }
  }

  /** @type {Map<string, Notification>} */
  const outside = new Map();

  /** @param {any} one */
  function showOutside(one) {
    try {
      const shown = new Notification(one.title, { body: one.body, tag: one.id, icon: '/shared/mark.svg' });
      shown.onclick = () => window.focus();
      shown.onclose = () => outside.delete(one.id);
      outside.set(one.id, shown);
      if (outside.size > OUTSIDE) outside.delete(/** @type {string} */ (outside.keys().next().value));
    } catch {
      // Chrome on Android has the permission and still throws: it shows those of service workers alone. The toast is there.
    }
  }

  /** What was read, removed or replaced, here or elsewhere, disturbs no longer. */
  function settle() {
    const { shown } = model;
    const over = (/** @type {string} */ id) => !shown.has(id) || shown.get(id).read;
    for (const card of /** @type {NodeListOf<HTMLElement>} */ ($('toasts').querySelectorAll('.toast[data-id]'))) if (over(card.dataset.id ?? '')) card.remove();
    for (const [id, note] of outside) if (over(id)) note.close();
  }

  await channel.subscribe().catch((/** @type {any} */ error) => toast($('toasts'), { title: 'Your inbox cannot be shown', body: error.message, severity: 'critical' }));
  return { me, connection, model, ask };
}
