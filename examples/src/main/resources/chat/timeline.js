/** The messages of the conversation that is open. */
import { $, icon, make } from '/shared/dom.js';
import { sync } from './lists.js';
import { brief, day, face, listed, time, whole, written } from './text.js';

/** @typedef {import('./chat.js').Chat} Chat */
/** @typedef {import('./conversation.js').Shown} Shown */

/** Messages of one person within so many milliseconds stand together. */
const TOGETHER = 300_000;
/** How far from the end one may be to be at it, in pixels. */
const END = 60;
const EDIT = 'M4 16h3l8.5-8.5-3-3L4 13v3ZM11 6l3 3';
const REMOVE = 'M4 5.5h12M8 5.5V4h4v1.5M5.5 5.5l.7 11h7.6l.7-11M8.5 8.5v5M11.5 8.5v5';
const EMOJI = /^(?:\p{Extended_Pictographic}[\u{FE0F}\u{200D}\p{Emoji_Modifier}]*\s*){1,3}$/u;

/** @param {Chat} chat @param {(text: string) => void} write puts a text into the box for a new message */
export function timeline(chat, write) {
  const scroll = $('scroll');
  /** What is being edited or about to be deleted. @type {{id: string, how: 'edit' | 'remove'} | undefined} */
  let busy;
  /** @type {import('./conversation.js').Conversation | undefined} */
  let shown;
  /** Whether we have shown its messages, or only that it is open. */
  let begun = false;
  let missed = 0;
  let atEnd = true;

  const end = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < END;
  const toEnd = () => {
    scroll.scrollTop = scroll.scrollHeight;
    atEnd = true;
    missed = 0;
  };
  const look = () => {
    if (atEnd && document.visibilityState === 'visible' && document.body.dataset.view !== 'list') chat.read();
  };

  scroll.addEventListener('scroll', () => {
    atEnd = end();
    if (atEnd) missed = 0;
    latest();
    look();
  });
  document.addEventListener('visibilitychange', look);
  // A keyboard on a phone, a longer message in the box: what was at the end stays there.
  new ResizeObserver(() => atEnd && toEnd()).observe(scroll);
  $('latest').addEventListener('click', () => {
    toEnd();
    latest();
    look();
    $('text').focus();
  });
  $('earlier').addEventListener('click', () => chat.earlier());

  function latest() {
    $('latest').hidden = atEnd;
    $('latest').textContent = missed ? `${missed} new ${missed === 1 ? 'message' : 'messages'} ↓` : 'Go to the latest ↓';
  }

  /** @param {'edit' | 'remove'} how @param {string} id */
  function begin(how, id) {
    busy = { id, how };
    render();
    const element = $('messages').querySelector(`[data-key="${id}"]`);
    const first = element?.querySelector(how === 'edit' ? 'textarea' : '.confirm button');
    first?.focus();
    if (first instanceof HTMLTextAreaElement) first.setSelectionRange(first.value.length, first.value.length);
    element?.scrollIntoView({ block: 'nearest' });
  }

  function done() {
    busy = undefined;
    render();
    $('text').focus();
  }

  /** @param {Shown} message */
  function editor(message) {
    const box = make('textarea', { rows: 2, maxLength: 4000, dir: 'auto', value: message.refused?.text ?? message.text, 'aria-label': 'Change the message' });
    const save = () => {
      const text = box.value.trim();
      if (!text) return;
      if (text !== message.text) chat.edit(message.id, text);
      else chat.discard(message.id);
      done();
    };
    box.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
      if (event.key === 'Escape') done();
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        save();
      }
    });
    return make('div', { class: 'editor' }, box, make('div', { class: 'row' },
      make('button', { class: 'primary', type: 'button', onclick: save }, 'Save'),
      make('button', { type: 'button', onclick: done }, 'Cancel'),
      make('span', { class: 'hint' }, 'Enter saves, Escape cancels')));
  }

  /** @param {Shown} message */
  function question(message) {
    const box = make('div', { class: 'confirm row' }, make('span', {}, 'Delete this message?'),
      make('button', { class: 'danger', type: 'button', onclick: () => {
        chat.remove(message.id);
        done();
      } }, 'Delete'),
      make('button', { type: 'button', onclick: done }, 'Keep'));
    box.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => event.key === 'Escape' && done());
    return box;
  }

  /** What somebody wrote who may not change the message any more, or not now. @param {Shown} message */
  function lost(message) {
    const { text, reason } = /** @type {{text: string, reason: string}} */ (message.refused);
    return make('div', { class: 'lost' }, make('p', { class: 'note bad' }, `Not changed. ${reason}`), make('p', { class: 'attempt', dir: 'auto' }, text),
      make('p', { class: 'note choices' },
        message.deleted
          ? make('button', { type: 'button', class: 'link', onclick: () => {
            chat.discard(message.id);
            write(text);
          } }, 'Write it anew')
          : make('button', { type: 'button', class: 'link', onclick: () => begin('edit', message.id) }, 'Edit again'),
        make('button', { type: 'button', class: 'link', onclick: () => chat.discard(message.id) }, 'Discard')));
  }

  /** @param {{message: Shown, first: boolean}} item */
  function element({ message, first }) {
    const mine = message.author.id === chat.me.id;
    const own = mine && !message.deleted && (message.state === undefined || message.state === 'changing');
    const doing = busy?.id === message.id ? busy.how : undefined;
    const at = make('time', { dateTime: new Date(message.at).toISOString(), title: whole(message.at) }, first ? time(message.at) : brief(message.at));
    const body = make('div', { class: 'body' });
    if (first) body.append(make('div', { class: 'by' }, make('b', { dir: 'auto' }, message.author.name), at));
    if (doing === 'edit') body.append(editor(message));
    else if (message.deleted) body.append(make('p', { class: 'text gone' }, 'This message was deleted.'));
    else {
      body.append(make('p', { class: `text${EMOJI.test(message.text) ? ' emoji' : ''}`, dir: 'auto' }, ...written(message.text),
        message.edited && make('span', { class: 'edited', title: whole(message.edited) }, ' (edited)')));
    }
    if (doing === 'remove') body.append(question(message));
    if (message.state === 'sending' || message.state === 'changing') body.append(make('p', { class: 'note' }, message.state === 'sending' ? 'Sending…' : 'Saving…'));
    if (message.state === 'failed') {
      body.append(make('p', { class: 'note bad' }, `Not sent. ${message.reason ?? ''}`,
        make('span', { class: 'choices' },
          make('button', { type: 'button', class: 'link again', onclick: () => {
            if (performance.now() >= chat.pausedUntil) chat.send(message.text, message.id);
          } }, 'Try again'),
          make('button', { type: 'button', class: 'link', onclick: () => chat.discard(message.id) }, 'Discard'))));
    }
    if (message.refused && doing !== 'edit') body.append(lost(message));
    const item = make('li', { class: ['message', first && 'first', mine && 'mine', message.state].filter(Boolean).join(' ') }, first ? face(message.author) : make('span', { class: 'gutter' }, at), body);
    if (own && !doing) {
      // A finger that touches it gets the buttons, as a pointer over it does.
      item.tabIndex = -1;
      item.append(make('div', { class: 'actions' },
        make('button', { class: 'quiet small', type: 'button', title: 'Edit', 'aria-label': 'Edit message', onclick: () => begin('edit', message.id) }, icon(EDIT)),
        make('button', { class: 'quiet small', type: 'button', title: 'Delete', 'aria-label': 'Delete message', onclick: () => begin('remove', message.id) }, icon(REMOVE))));
    }
    return item;
  }

  /** What stands in the list: messages, days, and the line before what is new. */
  function items() {
    const all = [];
    let date = '';
    /** @type {Shown | undefined} */
    let before;
    let line = shown?.line;
    for (const message of shown?.messages ?? []) {
      const today = day(message.at);
      if (today !== date) {
        all.push({ key: `day ${today}`, day: today });
        date = today;
        before = undefined;
      }
      if (line !== undefined && message.seq > line && message.author.id !== chat.me.id) {
        all.push({ key: 'new', line: true });
        line = undefined;
        before = undefined;
      }
      all.push({ key: message.id, message, first: !before || before.author.id !== message.author.id || message.at - before.at > TOGETHER });
      before = message;
    }
    return all;
  }

  function render() {
    const switched = shown !== chat.current;
    shown = chat.current;
    if (switched) {
      busy = undefined;
      begun = false;
    }
    const begins = !begun && !!shown?.loaded;
    begun ||= begins;
    const fromEnd = scroll.scrollHeight - scroll.scrollTop;
    const oldest = $('messages').firstElementChild?.dataset.key;
    sync($('messages'), items(), (item) => item.key,
      (item) => {
        if (!item.message) return '';
        const how = busy?.id === item.key && busy.how;
        // What is being typed stays, whatever becomes of the message meanwhile; saving it is refused when that was deleted.
        return how === 'edit' ? how : JSON.stringify([item.message, item.first, how, chat.current?.channel]);
      },
      (item) => {
        if (item.message) return element(item);
        return item.line ? make('li', { class: 'line' }, make('span', {}, 'New')) : make('li', { class: 'day' }, make('span', {}, item.day));
      });
    $('earlier').hidden = !shown?.earlier;
    $('beginning').hidden = !shown || (shown.loaded && shown.earlier) || (!shown.loaded && shown.messages.length > 0);
    $('beginning').classList.toggle('loading', !shown?.loaded);
    if (shown) {
      const { title } = shown;
      const text = !shown.loaded ? 'Loading…' : shown.with
        ? `This is between you and ${title}. Nobody else can read it.`
        : shown.messages.length ? `This is where ${title} begins.` : `Nobody has said anything in ${title} yet. Say hello!`;
      if ($('beginning').textContent !== text) $('beginning').textContent = text;
    }
    if (switched || begins) {
      const line = $('messages').querySelector('.line');
      toEnd();
      if (line) line.scrollIntoView({ block: 'center' });
      atEnd = end();
    } else if (atEnd) toEnd();
    else if (oldest && oldest !== $('messages').firstElementChild?.dataset.key) scroll.scrollTop = scroll.scrollHeight - fromEnd;
    latest();
    look();
    const names = shown?.typing(Date.now()) ?? [];
    const said = names.length ? `${listed(names)} ${names.length > 1 ? 'are' : 'is'} typing…` : '';
    if ($('typing').textContent !== said) $('typing').textContent = said;
  }

  chat.on(({ kind, conversation }) => {
    if (kind === 'said' && conversation === chat.current && !atEnd) missed++;
    if (kind === 'refused' && conversation === chat.current) toEnd();
  });

  return {
    render,
    toEnd,
    editLast() {
      const last = shown?.mine;
      if (last) begin('edit', last.id);
    },
  };
}
