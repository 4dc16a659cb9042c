/** The lists beside the conversation: rooms, direct messages, people, and oneself. */
import { $, icon, make } from '/shared/dom.js';
import { signOut } from '/shared/session.js';
import { face } from './text.js';

/** @typedef {import('./chat.js').Chat} Chat */
/** @typedef {import('./conversation.js').Conversation} Conversation */

const HASH = 'M7.5 3.5 6 16.5M14 3.5l-1.5 13M3.5 7.5h13.5M3 12.5h13.5';
const AWAY = 'M16.5 11.5A7 7 0 0 1 8.5 3.5a7 7 0 1 0 8 8Z';
const ONLINE = 'M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM10 2.5v1M10 16.5v1M2.5 10h1M16.5 10h1M4.7 4.7l.7.7M14.6 14.6l.7.7M4.7 15.3l.7-.7M14.6 5.4l.7-.7';
const OUT = 'M8 3.5H4.5v13H8M12 6.5l3.5 3.5-3.5 3.5M15.5 10H8';

const LABELS = /** @type {Record<string, string>} */ ({ online: 'online', away: 'away', offline: 'offline' });

/**
 * Makes an element's children the items, in their order; what was there for an item stays, with the focus in it.
 * @template T
 * @param {Element} parent
 * @param {T[]} items
 * @param {(item: T) => string} key
 * @param {(item: T) => string} look what makes it look as it does; it is made anew when that changes
 * @param {(item: T) => HTMLElement} create
 */
export function sync(parent, items, key, look, create) {
  const before = new Map([...parent.children].map((/** @type {any} */ child) => [child.dataset.key, child]));
  /** @type {Element | null} */
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const now = look(item);
    let element = before.get(name);
    before.delete(name);
    if (!element || element.dataset.look !== now) {
      const made = create(item);
      Object.assign(made.dataset, { key: name, look: now });
      if (element) {
        const focused = element.contains(document.activeElement);
        if (place === element) place = element.nextElementSibling;
        element.replaceWith(made);
        if (focused) /** @type {HTMLElement | null} */ (made.querySelector('button, textarea, a') ?? made).focus();
        if (made.nextElementSibling === place) {
          element = made;
          continue;
        }
      }
      element = made;
    }
    if (element === place) place = element.nextElementSibling;
    else parent.insertBefore(element, place);
  }
  for (const gone of before.values()) gone.remove();
}

/** @param {Chat} chat @param {(channel: string) => void} pick */
export function lists(chat, pick) {
  $('new-room').append(icon('M10 4v12M4 10h12'));

  const badge = (/** @type {Conversation} */ conversation) => {
    const { unread } = conversation;
    if (!unread) return undefined;
    const text = unread > 99 ? '99+' : `${unread}`;
    return make('span', { class: 'count new' }, text, make('span', { class: 'sr' }, ' unread'));
  };

  const entry = (/** @type {Conversation} */ conversation) => {
    const current = chat.current === conversation;
    const sign = conversation.with ? face(conversation.with, chat.statusOf(conversation.with.id)) : icon(HASH);
    const unread = badge(conversation);
    const status = conversation.with && make('span', { class: 'sr' }, `, ${LABELS[chat.statusOf(conversation.with.id)]}`);
    const button = make('button', { class: `entry${current ? ' current' : ''}${unread ? ' unread' : ''}`, type: 'button', onclick: () => pick(conversation.channel) },
      sign, make('span', { class: 'name', dir: 'auto' }, conversation.title), status, unread);
    if (current) button.setAttribute('aria-current', 'true');
    return make('li', {}, button);
  };

  const look = (/** @type {Conversation} */ one) => JSON.stringify([one.title, chat.current === one, one.unread, one.with && chat.statusOf(one.with.id)]);
  const key = (/** @type {Conversation} */ one) => one.channel;

  return () => {
    const all = [...chat.conversations.values()];
    const rooms = all.filter((one) => !one.with).sort((a, b) => a.title.localeCompare(b.title));
    const direct = all.filter((one) => one.with).sort((a, b) => a.title.localeCompare(b.title));
    const others = chat.rooms.filter((room) => !chat.conversations.has(room.channel));
    sync($('rooms'), rooms, key, look, entry);
    sync($('direct'), direct, key, look, entry);
    sync($('others'), others, (room) => room.channel, (room) => room.name, (room) =>
      make('li', {}, make('button', { class: 'entry', type: 'button', title: room.topic, onclick: () => chat.join(room.channel) }, icon(HASH), make('span', { class: 'name', dir: 'auto' }, room.name), make('span', { class: 'join' }, 'Join'))));
    $('others-box').hidden = !others.length;
    $('no-direct').hidden = direct.length > 0;

    const { status, me } = chat;
    sync($('me'), [me], () => 'me', () => me.name + status, () => make('div', { class: 'self' },
      face(me, status),
      make('span', { class: 'name' }, make('b', { dir: 'auto' }, me.name), make('span', { class: 'hint' }, status === 'away' ? 'Away' : 'Online')),
      make('button', { class: 'quiet small', type: 'button', id: 'status', title: status === 'away' ? 'Be online again' : 'Be away', 'aria-label': status === 'away' ? 'Be online again' : 'Be away', onclick: () => chat.onStatus?.(status === 'away' ? 'online' : 'away') }, icon(status === 'away' ? ONLINE : AWAY)),
      make('button', { class: 'quiet small', type: 'button', id: 'sign-out', title: 'Sign out', 'aria-label': 'Sign out', onclick: async () => {
        await chat.connection.close();
        signOut();
      } }, icon(OUT))));

    people();
    const unread = all.reduce((sum, one) => sum + one.unread, 0);
    document.title = `${unread ? `(${unread > 99 ? '99+' : unread}) ` : ''}${chat.current ? `${chat.current.title} – ` : ''}Polywire chat`;
    // On a phone the lists are behind this button, and with them what is unread elsewhere.
    const elsewhere = unread - (chat.current?.unread ?? 0);
    const waiting = elsewhere > 99 ? '99+' : elsewhere > 0 ? `${elsewhere}` : '';
    if ($('elsewhere').textContent !== waiting) $('elsewhere').textContent = waiting;
    $('back').setAttribute('aria-label', waiting ? `Back to the list, ${waiting} unread` : 'Back to the list');
  };

  function people() {
    const conversation = chat.current;
    const members = [...(conversation?.members ?? [])]
      .map(([user, status]) => ({ person: chat.people.get(user), status }))
      .filter(({ person }) => person !== undefined)
      .sort((a, b) => b.status.localeCompare(a.status) || a.person.name.localeCompare(b.person.name));
    $('people-title').textContent = members.length === 1 ? '1 person here' : `${members.length} people here`;
    sync($('members'), members, ({ person }) => person.id, ({ person, status }) => person.name + status, ({ person, status }) => {
      const name = make('span', { class: 'name' }, make('span', { dir: 'auto' }, person.name), person.id === chat.me.id && make('span', { class: 'muted' }, ' (you)'), make('span', { class: 'hint' }, LABELS[status]));
      return person.id === chat.me.id
        ? make('li', {}, make('div', { class: 'entry' }, face(person, status), name))
        : make('li', {}, make('button', { class: 'entry', type: 'button', title: `Write to ${person.name}`, onclick: () => chat.direct(person.id) }, face(person, status), name));
    });
  }
}
