/** The page of the chat. */
import { offlineBanner, statusBadge, wireChooser } from '/shared/connection.js';
import { $, icon, make } from '/shared/dom.js';
import { requirePerson } from '/shared/session.js';
import { Chat, sentence } from './chat.js';
import { lists } from './lists.js';
import { timeline } from './timeline.js';

/** After how long without a key or a move somebody counts as away, and after how long behind other windows. */
const IDLE = 600_000;
const HIDDEN = 60_000;

const person = await requirePerson();
const chat = new Chat({ id: person.user, name: person.name });
const { connection } = chat;

statusBadge(connection, $('state'));
wireChooser(connection, $('wires'), (text, kind) => note(text, kind));
offlineBanner(connection, $('offline'), { sentence: 'What you write is sent when it is back.' });
$('cut').addEventListener('click', () => connection.dropWire());
$('back').prepend(icon('M12 4.5 6.5 10l5.5 5.5'));
$('close-people').append(icon('M5 5l10 10M15 5 5 15'));
$('send').append(icon('M3.5 10 17 3.5 12.5 17l-3-5.5-6-1.5ZM9.5 11.5 17 3.5'));

const showLists = lists(chat, pick);
const box = /** @type {HTMLTextAreaElement} */ ($('text'));
const messages = timeline(chat, (text) => {
  box.value = box.value ? `${box.value}\n${text}` : text;
  grow();
  box.focus();
});

// --- which conversation, and which part of the page on a phone

/** @param {string} view */
function view(view) {
  document.body.dataset.view = view;
}

/** @param {string} channel */
function pick(channel) {
  chat.show(channel);
  view('talk');
}

let at = '';

function place() {
  const { current } = chat;
  const channel = current?.channel ?? '';
  if (channel === at) return;
  const draft = chat.conversations.get(at);
  if (draft) draft.draft = box.value;
  at = channel;
  box.value = current?.draft ?? '';
  grow();
  if (channel) {
    history.replaceState(null, '', `#${encodeURIComponent(channel)}`);
    view('talk');
    if (matchMedia('(min-width: 861px)').matches) box.focus();
  } else view('list');
}

/** The conversation that the address names. */
function named() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    // Whatever stands there is none.
    return '';
  }
}

/** Chooses one when none is open: the one in the address, or the first. */
function choose() {
  if (!chat.ready || chat.current) return;
  const wanted = named();
  const phone = matchMedia('(max-width: 860px)').matches;
  if (chat.conversations.has(wanted)) pick(wanted);
  else if (!phone) {
    const first = ['room:general', ...chat.conversations.keys()].find((channel) => chat.conversations.has(channel));
    if (first) pick(first);
  }
}

$('back').addEventListener('click', () => {
  history.replaceState(null, '', location.pathname + location.search);
  chat.show(undefined);
  view('list');
});
$('show-people').addEventListener('click', () => {
  if (matchMedia('(max-width: 1080px)').matches) {
    view('people');
    $('close-people').focus();
  }
});
function closePeople() {
  view('talk');
  $('show-people').focus();
}
$('close-people').addEventListener('click', closePeople);
addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  if ($('wire').open && $('wire').contains(document.activeElement)) {
    $('wire').open = false;
    $('wire').firstElementChild.focus();
  } else if (document.body.dataset.view === 'people') closePeople();
});
// What lies over the page goes when one turns to the page again.
addEventListener('pointerdown', (event) => {
  if (!$('wire').contains(/** @type {Node} */ (event.target))) $('wire').open = false;
});
$('leave').addEventListener('click', () => chat.current && chat.leave(chat.current.channel));

// --- writing

function grow() {
  box.style.height = 'auto';
  box.style.height = `${Math.min(box.scrollHeight + 2, 180)}px`;
}

function submit() {
  const text = box.value.trim();
  if (!text || performance.now() < chat.pausedUntil) return;
  box.value = '';
  grow();
  chat.send(text);
  messages.toEnd();
}

$('composer').addEventListener('submit', (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  submit();
  box.focus();
});
box.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  }
  if (event.key === 'ArrowUp' && !box.value) {
    event.preventDefault();
    messages.editLast();
  }
});
box.addEventListener('input', () => {
  grow();
  if (box.value.trim()) chat.type();
  else chat.stopTyping();
});

/** Counts down until one may write again. */
function pause() {
  const left = chat.pausedUntil - performance.now();
  const waits = left > 0;
  $('send').disabled = waits;
  for (const again of document.querySelectorAll('.again')) /** @type {HTMLButtonElement} */ (again).disabled = waits;
  const seconds = Math.ceil(left / 1000);
  const text = waits ? `You are faster than the chat allows. You can go on in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.` : '';
  if ($('pause').textContent !== text) $('pause').textContent = text;
  clearTimeout(pausing);
  if (waits) pausing = setTimeout(pause, 200);
}
/** @type {any} */
let pausing;

// --- rooms

$('new-room').addEventListener('click', () => {
  $('room-form').reset();
  $('room-problem').hidden = true;
  $('room-dialog').showModal();
});
$('room-cancel').addEventListener('click', () => $('room-dialog').close());
$('room-form').addEventListener('submit', async (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  try {
    await chat.open($('room-name').value, $('room-topic').value);
    $('room-dialog').close();
  } catch (error) {
    $('room-problem').textContent = sentence(error);
    $('room-problem').hidden = false;
  }
});

// --- online and away

/** @type {'online' | 'away'} */
let wanted = 'online';
let moved = Date.now();
let hidden = 0;

function status() {
  const now = Date.now();
  const gone = now - moved > IDLE || (hidden > 0 && now - hidden > HIDDEN);
  chat.status = wanted === 'away' || gone ? 'away' : 'online';
}

chat.onStatus = (/** @type {'online' | 'away'} */ chosen) => {
  wanted = chosen;
  status();
};
for (const event of ['pointermove', 'keydown', 'focus']) {
  addEventListener(event, () => {
    const idle = Date.now() - moved > IDLE;
    moved = Date.now();
    if (idle) status();
  }, { passive: true });
}
document.addEventListener('visibilitychange', () => {
  hidden = document.visibilityState === 'hidden' ? Date.now() : 0;
  status();
});
setInterval(status, 10_000);

// --- painting

/** @param {string} text @param {string} [kind] */
function note(text, kind = '') {
  const item = make('p', { class: `note-item ${kind}` }, text);
  $('notes').append(item);
  while ($('notes').childElementCount > 3) $('notes').firstElementChild?.remove();
  setTimeout(() => item.remove(), 6000);
}

let due = false;

function paint() {
  due = false;
  choose();
  const { current } = chat;
  $('nothing').hidden = !!current;
  if (chat.ready) $('nothing').replaceChildren(make('p', {}, chat.conversations.size ? 'Choose a conversation.' : 'You are in no room. Join one, or open one of your own.'));
  $('open').hidden = !current;
  // Shown first: what is hidden cannot have the focus.
  place();
  $('people').hidden = !current;
  if (current) {
    $('title').textContent = current.title;
    const status = current.with ? chat.statusOf(current.with.id) : '';
    $('topic').textContent = current.with ? { online: 'Online', away: 'Away', offline: 'Offline' }[status] : current.topic;
    box.placeholder = current.with ? `Write to ${current.title}` : `Say something in ${current.title}`;
    $('leave').hidden = !!current.with;
    const here = current.members.size;
    $('show-people').textContent = here === 1 ? '1 here' : `${here} here`;
    $('show-people').setAttribute('aria-label', `People: ${here} here`);
  }
  showLists();
  messages.render();
  pause();
}

chat.on(({ kind, text }) => {
  if (kind === 'problem') note(text, 'bad');
  if (due) return;
  due = true;
  // Not with the next frame: a page that nobody sees has none, and its title is to tell what is new.
  setTimeout(paint, 10);
});
paint();
