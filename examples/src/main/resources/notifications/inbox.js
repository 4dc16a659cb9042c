/** The inbox page. */
import { $, icon, make } from '/shared/dom.js';
import { ICONS, ago, item, toast } from './items.js';
import { begin } from './live.js';

/** What was shown when the list was last drawn, by id. @type {Map<string, any>} */
let drawn = new Map();
let filter = 'all';
let ready = false;
/** What the person has chosen, and the server has not answered yet. @type {any} */
let hours;
/** Topics that are followed, or no longer, likewise. @type {Map<string, boolean>} */
const choices = new Map();

const { connection, model, ask } = await begin({ changed: () => queueMicrotask(draw), sentence: 'What you do here waits for the connection.' });
ready = true;
draw();

/** Draws what has changed; an entry that has not stays the same element, and keeps the focus. */
function draw() {
  if (!ready || !model.loaded) return;
  $('loading').hidden = true;
  const shown = model.list.filter((one) => filter === 'all' || !one.read);
  const list = $('items');
  const focused = list.contains(document.activeElement) ? { id: document.activeElement?.closest('li')?.dataset.id, act: /** @type {HTMLElement} */ (document.activeElement).dataset.act, index: [...list.children].indexOf(document.activeElement?.closest('li')) } : undefined;
  const elements = new Map([...list.children].map((element) => [element.dataset.id, element]));
  const wanted = shown.map((one) => {
    const old = elements.get(one.id);
    if (old && drawn.get(one.id) === one) return old;
    const made = item(one);
    if (!old && drawn.size && !one.acknowledged) made.classList.add('fresh');
    return made;
  });
  // Only what moves is moved: an element that is taken out and put back loses the focus.
  for (const element of [...list.children]) if (!wanted.includes(element)) element.remove();
  wanted.forEach((element, i) => list.children[i] !== element && list.insertBefore(element, list.children[i] ?? null));
  drawn = new Map(shown.map((one) => [one.id, one]));
  if (focused && !list.contains(document.activeElement)) {
    const at = list.querySelector(`[data-id="${CSS.escape(focused.id ?? '')}"]`) ?? list.children[Math.min(focused.index, list.childElementCount - 1)];
    (at?.querySelector(`[data-act=${focused.act}]`) ?? $('inbox')).focus();
  }
  $('unread').textContent = model.unread ? `${model.unread} unread` : 'all read';
  $('unread').classList.toggle('new', model.unread > 0);
  $('all-read').disabled = model.list.every((one) => one.read);
  document.title = `${model.unread ? `(${model.unread}) ` : ''}Inbox – Polywire`;
  $('empty').hidden = shown.length > 0;
  $('empty-text').firstElementChild.textContent = model.items.size ? 'You have read everything.' : 'Nothing here yet.';
  $('empty-hint').hidden = model.items.size > 0;
  $('more').hidden = !model.more;
  drawSettings();
}

function drawSettings() {
  const quiet = hours ?? model.quiet;
  const followed = [...new Set([...model.topics, ...choices.keys()])].filter((topic) => choices.get(topic) ?? true).sort();
  if (!$('quiet').contains(document.activeElement) || document.activeElement === $('quiet-on')) {
    $('quiet-on').checked = quiet.on;
    $('quiet-from').value = quiet.on || quiet.zone !== 'UTC' ? quiet.from : $('quiet-from').value;
    $('quiet-to').value = quiet.on || quiet.zone !== 'UTC' ? quiet.to : $('quiet-to').value;
  }
  $('quiet-said').textContent = !quiet.on ? '' : quiet.from === quiet.to ? 'Never quiet: both times are the same.' : `Quiet from ${quiet.from} to ${quiet.to}, ${quiet.zone.replaceAll('_', ' ')}`;
  if ($('topics').dataset.shown !== followed.join()) {
    $('topics').dataset.shown = followed.join();
    $('topics').replaceChildren(...followed.map((topic) => make('li', {}, topic, make('button', { type: 'button', 'aria-label': `Unfollow ${topic}`, title: 'Unfollow', onclick: () => follow(topic, false) }, icon(ICONS.remove)))));
  }
}

/**
 * Shows at once what is asked for, and takes it back when it is refused.
 *
 * @param {string} address
 * @param {string[]} ids
 * @param {{read?: boolean, remove?: boolean}} how
 */
const act = (address, ids, how) => model.act({ ids: new Set(ids), ...how }, () => ask(address, { ids, read: how.read })).catch(refused);

/** @param {any} error */
const refused = (error) => toast($('toasts'), { title: 'That was not possible', body: error.message, severity: 'warning' });

/** @param {string[]} ids @param {boolean} read */
const mark = (ids, read) => act('inbox.mark', ids, { read });

$('items').addEventListener('click', (/** @type {any} */ event) => {
  const control = event.target.closest('[data-act]');
  const id = control?.closest('li')?.dataset.id;
  const one = model.shown.get(id);
  if (!one) return;
  if (control.dataset.act === 'remove') act('inbox.remove', [id], { remove: true });
  else if (control.dataset.act === 'mark') mark([id], !one.read);
  else if (!one.read) mark([id], true);
});
$('all-read').addEventListener('click', () => {
  // Those that can be seen: what comes meanwhile, or is older than what is here, has not been read.
  mark(model.list.filter((one) => !one.read).map((one) => one.id), true);
  $('inbox').focus();
});
$('filter').addEventListener('change', (/** @type {any} */ event) => {
  filter = event.target.value;
  draw();
});

$('quiet').addEventListener('change', async () => {
  const mine = { on: $('quiet-on').checked, from: $('quiet-from').value, to: $('quiet-to').value, zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  if (!mine.from || !mine.to) return;
  hours = mine;
  drawSettings();
  await ask('inbox.quiet', mine).catch(refused);
  if (hours === mine) hours = undefined;
  drawSettings();
});
$('quiet').addEventListener('submit', (/** @type {Event} */ event) => event.preventDefault());

/** @param {string} topic @param {boolean} on */
async function follow(topic, on) {
  $('topics-said').hidden = true;
  if (on) $('topic').value = '';
  else $('topic').focus();
  choices.set(topic, on);
  drawSettings();
  try {
    await ask('inbox.follow', { topic, on });
  } catch (/** @type {any} */ error) {
    $('topics-said').textContent = error.message;
    $('topics-said').hidden = false;
  }
  if (choices.get(topic) === on) choices.delete(topic);
  drawSettings();
}
$('follow').addEventListener('submit', (/** @type {Event} */ event) => {
  event.preventDefault();
  follow($('topic').value.trim().toLowerCase(), true);
});

$('older').addEventListener('click', async () => {
  $('older').disabled = true;
  await model.showOlder();
  $('older').disabled = false;
});

function desktop() {
  const permission = globalThis.Notification?.permission ?? 'none';
  $('desktop').hidden = permission !== 'default';
  $('desktop-hint').textContent = /** @type {Record<string, string>} */ ({
    default: 'Your browser can show notifications while you look elsewhere.',
    granted: 'Your browser shows notifications while you look elsewhere.',
    denied: 'You have told your browser not to show notifications of this page.',
    none: 'This browser shows no notifications for this address.',
  })[permission];
}
$('desktop').addEventListener('click', async () => {
  await Notification.requestPermission();
  desktop();
});
desktop();

$('cut').addEventListener('click', () => connection.dropWire());
setInterval(() => {
  for (const time of document.querySelectorAll('time[data-at]')) time.textContent = ago(Number(/** @type {HTMLElement} */ (time).dataset.at));
}, 15_000);
