/** How things are shown: text as text, times, initials and colours. */
import { make } from '/shared/dom.js';

/** What looks like an address, with what ends a sentence left out. */
const LINK = /\bhttps?:\/\/[^\s<>"'`]+[^\s<>"'`.,;:!?)\]}]/gi;

/**
 * Makes nodes of what somebody wrote. It is data: nothing in it becomes markup, and addresses of pages alone become links.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function written(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    if (!URL.canParse(match[0])) continue;
    parts.push(text.slice(end, match.index));
    parts.push(make('a', { href: match[0], target: '_blank', rel: 'noopener noreferrer nofollow ugc' }, match[0]));
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== '');
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

export const time = (/** @type {number} */ at) => TIME.format(at);
/** The same where there is little room: without saying which half of the day. @param {number} at */
export const brief = (at) => TIME.formatToParts(at).filter(({ type }) => type !== 'dayPeriod').map(({ value }) => value).join('').trim();
export const whole = (/** @type {number} */ at) => WHOLE.format(at);

/** @param {number} at */
export function day(at) {
  const midnight = new Date().setHours(0, 0, 0, 0);
  if (at >= midnight) return 'Today';
  return at >= midnight - 86_400_000 ? 'Yesterday' : DAY.format(at);
}

const HUES = 8;

/**
 * A person's picture: initials on a colour of their own.
 * @param {{id: string, name: string}} person
 * @param {string} [status]
 */
export function face(person, status) {
  let hash = 7;
  for (const letter of person.id) hash = (hash * 31 + letter.codePointAt(0)) >>> 0;
  const words = person.name.split(/[ ._'-]+/).filter(Boolean);
  const initials = words.length > 1 ? words.slice(0, 2).map((word) => [...word][0]) : [...(words[0] ?? '?')].slice(0, 2);
  const picture = make('span', { class: `face hue-${hash % HUES}`, 'aria-hidden': 'true' }, make('span', {}, initials.join('').toUpperCase()));
  if (status) picture.append(make('i', { class: `status ${status}` }));
  return picture;
}

/** Names in a sentence: one, two or more. @param {string[]} names */
export function listed(names) {
  if (names.length < 2) return names.join('');
  return names.length > 3 ? `${names[0]}, ${names[1]} and ${names.length - 2} others` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
