/** What both pages have: one connection, the inbox, and toasts for what comes. */
import { $ } from '/shared/dom.js';
import { offlineBanner, open, statusBadge, wireChooser } from '/shared/connection.js';
import { api, requirePerson, signOut } from '/shared/session.js';
import { toast } from './items.js';
import { InboxModel } from './model.js';

/** Milliseconds between attempts of what a lost session may have swallowed. */
const AGAIN = 1000;
/** More toasts at once would hide the page. */
const TOASTS = 3;

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
    for (let left = 20; ; left--) {
      try {
        return await connection.request(address, payload);
      } catch (/** @type {any} */ error) {
        if (!left || !['outcome_unknown', 'timeout', 'unavailable', 'internal'].includes(error.code)) throw error;
        await new Promise((resolve) => setTimeout(resolve, AGAIN));
      }
    }
  }

  /** @type {Promise<void> | undefined} */
  let reading;
  const model = new InboxModel({
    channel,
    changed: () => changed(model),
    arrived: (fresh, away) => arrived(fresh, away),
    acknowledge: (ids) => void ask('inbox.acknowledge', { ids }).catch(() => {}),
    missed: () => (reading ??= api('/api/inbox').then((view) => model.show(view), () => {}).finally(() => (reading = undefined))),
  });

  /** @param {any[]} fresh @param {boolean} away */
  function arrived(fresh, away) {
    const loud = fresh.filter((one) => !one.quiet && !one.read);
    if (loud.length > TOASTS) toast($('toasts'), { title: `${loud.length} new notifications`, body: away ? 'They came while you were away.' : '', severity: 'info' });
    else for (const one of loud) toast($('toasts'), one);
    if (document.visibilityState === 'hidden' && globalThis.Notification?.permission === 'granted') {
      for (const one of loud.slice(-TOASTS)) {
        const shown = new Notification(one.title, { body: one.body, tag: one.key ?? one.id, icon: '/shared/mark.svg' });
        shown.onclick = () => window.focus();
      }
    }
  }

  await channel.subscribe().catch((/** @type {any} */ error) => toast($('toasts'), { title: 'Your inbox cannot be shown', body: error.message, severity: 'critical' }));
  return { me, connection, model, ask };
}
