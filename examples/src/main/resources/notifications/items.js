/** How a notification looks, in the inbox and as a toast. What it says is text, whatever it says. */
import { icon, make } from '/shared/dom.js';

const SIGNS = /** @type {Record<string, [string, string]>} */ ({
  info: ['M10 9v5M10 6h.01M10 2.5a7.5 7.5 0 1 0 0 15a7.5 7.5 0 1 0 0-15', 'Info'],
  success: ['M6.5 10.5l2.5 2.5l5-6M10 2.5a7.5 7.5 0 1 0 0 15a7.5 7.5 0 1 0 0-15', 'Success'],
  warning: ['M10 7.5v4M10 14h.01M10 2.8L1.9 16.5h16.2z', 'Warning'],
  critical: ['M10 6.5v4.5M10 13.8h.01M6.8 2.5h6.4l4.3 4.3v6.4l-4.3 4.3H6.8l-4.3-4.3V6.8z', 'Critical'],
});

export const ICONS = {
  read: 'M4 10.5l4 4l8-9',
  unread: 'M10 5.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9z',
  remove: 'M5 5l10 10M15 5L5 15',
};

/** @param {string} severity */
export function sign(severity) {
  const [path, name] = SIGNS[severity] ?? SIGNS.info;
  return make('span', { class: 'sign' }, icon(path), make('span', { class: 'sr' }, `${name}:`));
}

/**
 * The server lets no other links through; a page does not have to believe it.
 *
 * @param {string | null} text
 */
export function safeLink(text) {
  if (!text) return undefined;
  try {
    const url = new URL(text, location.origin);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

/** @param {number} at @param {number} now */
export function ago(at, now = Date.now()) {
  const seconds = Math.round((at - now) / 1000);
  if (seconds > -10) return 'just now';
  for (const [unit, size] of /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ ([['day', 86400], ['hour', 3600], ['minute', 60]])) {
    if (seconds <= -size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(seconds, 'second');
}

/** @param {string} path @param {string} label @param {string} act */
function act(path, label, act) {
  return make('button', { type: 'button', 'aria-label': label, title: label, 'data-act': act }, icon(path));
}

/** @param {any} one a notification */
export function item(one) {
  const link = safeLink(one.link);
  const time = make('time', { dateTime: new Date(one.at).toISOString(), title: new Date(one.at).toLocaleString() }, ago(one.at));
  time.dataset.at = one.at;
  return make('li', { class: one.read ? 'read' : 'unread', 'data-id': one.id, 'data-severity': one.severity },
    sign(one.severity),
    make('div', { class: 'what', dir: 'auto' }, one.title, !one.read && make('span', { class: 'sr' }, ' (unread)')),
    make('div', { class: 'acts' }, act(one.read ? ICONS.unread : ICONS.read, one.read ? 'Mark unread' : 'Mark read', 'mark'), act(ICONS.remove, 'Delete', 'remove')),
    one.body && make('div', { class: 'text', dir: 'auto' }, one.body),
    make('div', { class: 'about' },
      time,
      make('span', {}, `from ${one.from}`),
      one.topic && make('span', {}, `#${one.topic}`),
      one.quiet && make('span', {}, 'came quietly'),
      one.expires > 0 && make('span', {}, `until ${new Date(one.expires).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' })}`),
      link && make('span', {}, make('a', { class: 'go', href: link, target: '_blank', rel: 'noopener noreferrer', 'data-act': 'open' }, 'Open', make('span', { class: 'sr' }, ` ${one.title}`)))));
}

/** Milliseconds that a toast stays; critical ones stay until they are closed. */
const STAY = 7000;
const MOST = 4;

/**
 * @param {HTMLElement} region
 * @param {any} one a notification, or only `{title, body, severity}`
 */
export function toast(region, one) {
  const card = make('div', { class: 'toast', 'data-severity': one.severity, ...(one.id && { 'data-id': one.id }) },
    sign(one.severity),
    make('div', { class: 'what', dir: 'auto' }, one.title),
    make('div', { class: 'acts' }, act(ICONS.remove, 'Close', 'close')),
    one.body && make('div', { class: 'text', dir: 'auto' }, one.body));
  if (one.severity === 'critical') card.setAttribute('role', 'alert');
  const close = () => card.remove();
  card.querySelector('button').addEventListener('click', close);
  region.append(card);
  // What is critical stays until it has been seen, as long as there is anything else to put away.
  while (region.childElementCount > MOST) (region.querySelector(':not([role=alert]).toast') ?? region.firstElementChild)?.remove();
  if (one.severity === 'critical') return;
  /** @type {any} */
  let timer;
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(close, STAY);
  };
  for (const event of ['pointerenter', 'focusin']) card.addEventListener(event, () => clearTimeout(timer));
  for (const event of ['pointerleave', 'focusout']) card.addEventListener(event, start);
  start();
}
