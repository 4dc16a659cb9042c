/** The page of the board: a document, the channel that keeps it in step, and who else is at it. */
import { offlineBanner, open, statusBadge, wireChooser } from '/shared/connection.js';
import { $ } from '/shared/dom.js';
import { Keeper } from './keep.js';
import { Notes } from './notes.js';
import { Self, keepName, ownName, people, showFaces, showPointers } from './people.js';
import { Sync, fromText, mergeAll, toText } from './sync.js';
import { LOCAL, bind, indexOf, placeOf, showCarets } from './text.js';
import { Doc, UndoManager } from './vendor/yjs.js';

/** Where a tab remembers on which board it works offline. */
const ALONE = 'polywire.board.alone';

const query = new URLSearchParams(location.search);
const room = (query.get('board') ?? 'main').toLowerCase().replace(/[^a-z0-9-]+/g, '-').slice(0, 40) || 'main';
const connection = open();
const channel = connection.channel(`board:${room}`);

const doc = new Doc();
const text = doc.getText('text');
const stored = doc.getMap('notes');
const sync = new Sync(channel, doc, () => keep());
const keeper = new Keeper(room, () => toText(sync.whole()), () => (dirty = true));
const self = new Self(channel);
const notes = new Notes($('notes'), $('note'), stored, say, () => undo.stopCapturing());
const undo = new UndoManager([stored, text], { trackedOrigins: new Set([LOCAL]) });

/** Whether there is something to paint. */
let dirty = true;
/** Whether we work by ourselves because we were told to: so we do after a reload, too. */
let alone = wasAlone();
/** Why the server does not let us have the board. */
let refused = '';

// The server cannot read a board: when its updates have become many, it asks one of the pages to make them one.
connection.onRequest((/** @type {string} */ event, /** @type {any} */ updates) => (event === 'merge' ? mergeAll(updates) : undefined));

statusBadge(connection, $('state'));
wireChooser(connection, $('wires'), say);
offlineBanner(connection, $('offline'), { sentence: 'Go on writing: it meets what the others write when the connection is back.' });
bind($('text'), text);
doc.on('update', () => (dirty = true));
for (const event of [':subscribed', ':join', ':leave', ':presence']) channel.on(event, () => (dirty = true));
channel.on(':subscribed', () => self.again());
channel.on(':unsubscribed', (/** @type {any} */ { reason }) => (refused = reason));
connection.on('state', () => (dirty = true));
connection.on('transport', () => (dirty = true));

// --- being here, and not

/** Takes part in the board. */
async function join() {
  refused = '';
  dirty = true;
  await channel.subscribe().catch((/** @type {any} */ error) => {
    if (!alone) refused = error.message ?? error.code;
    dirty = true;
  });
}

/** @returns {boolean} whether this tab worked offline on this board before it was loaded again */
function wasAlone() {
  try {
    return sessionStorage.getItem(ALONE) === room;
  } catch {
    return false;
  }
}

/** Sees to it that what the server does not have outlives the page. */
function keep() {
  dirty = true;
  if (sync.saved) keeper.drop();
  else if (sync.unsaved || alone) keeper.soon();
}

addEventListener('pagehide', () => (sync.unsaved || alone) && keeper.now());
document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && (sync.unsaved || alone) && keeper.now());
addEventListener('beforeunload', (event) => sync.unsaved && !keeper.now() && event.preventDefault());

// --- what people do

/** Tells those who cannot see it. @param {string} what */
function say(what) {
  $('said').textContent = what;
}

$('add').addEventListener('click', () => notes.add() || say('There are as many notes as there may be.'));
$('notes').addEventListener('dblclick', (/** @type {MouseEvent} */ event) => {
  if (event.target !== $('notes')) return;
  const { width, height } = $('notes').getBoundingClientRect();
  notes.add([Math.min(1, Math.max(0, event.offsetX / width - 0.06)), Math.min(1, Math.max(0, event.offsetY / height - 0.04))]);
});
$('undo').addEventListener('click', () => undo.undo());
$('redo').addEventListener('click', () => undo.redo());
for (const event of ['stack-item-added', 'stack-item-popped']) undo.on(event, () => (dirty = true));
document.addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || /** @type {any} */ (event.target).id === 'name') return;
  const key = event.key.toLowerCase();
  if (key !== 'z' && key !== 'y') return;
  // A field's own undoing knows nothing of what others have written into it.
  event.preventDefault();
  if (key === 'y' || event.shiftKey) undo.redo();
  else undo.undo();
});

$('alone').addEventListener('change', () => {
  alone = $('alone').checked;
  try {
    sessionStorage.setItem(ALONE, alone ? room : '');
  } catch {
    // Then a reload ends it.
  }
  if (alone) channel.unsubscribe().catch(() => {});
  else join();
  keep();
});
$('again').addEventListener('click', () => join());

$('name').value = ownName();
$('name').addEventListener('change', () => {
  $('name').value = keepName($('name').value);
  self.tell({ name: $('name').value });
});
self.tell({ name: $('name').value });

// --- where we are

$('board').addEventListener('pointermove', (/** @type {PointerEvent} */ event) => {
  if (event.pointerType !== 'mouse') return;
  const { left, top, width, height } = $('notes').getBoundingClientRect();
  const part = (/** @type {number} */ value) => Math.round(value * 1000) / 1000;
  pointAt({ in: 'board', x: part((event.clientX - left) / width), y: part((event.clientY - top) / height) });
});
$('board').addEventListener('pointerleave', () => pointAt(undefined));
for (const event of ['focusin', 'focusout', 'selectionchange']) document.addEventListener(event, () => write());

/** @type {any} */ let pointed;
/** @type {any} */ let written;

/** @param {any} at */
function pointAt(at) {
  pointed = at;
  self.tell({ at: pointed ?? written ?? null, note: written?.note ?? null });
}

/** Tells what is being written. */
function write() {
  const active = /** @type {any} */ (document.activeElement);
  const note = active?.closest?.('.note')?.dataset.note;
  if (active === $('text')) written = { in: 'text', place: placeOf(text, $('text').selectionStart) };
  else written = note ? { in: 'note', note } : undefined;
  self.tell({ at: written?.in === 'text' ? written : (pointed ?? written ?? null), note: note ?? null });
}

// --- painting

/** @param {string} id @param {string} what */
function put(id, what) {
  if ($(id).textContent !== what) $(id).textContent = what;
}

function paint() {
  requestAnimationFrame(paint);
  if (!dirty) return;
  dirty = false;
  notes.paint();
  $('empty').hidden = notes.count > 0;
  $('undo').disabled = !undo.undoStack.length;
  $('redo').disabled = !undo.redoStack.length;
  const online = connection.state === 'connected' && channel.subscribed;
  const all = online ? people(channel.members, connection.sessionId) : [];
  showFaces($('faces'), all, online ? channel.count : 0);
  const others = all.filter(({ own }) => !own);
  put('alone-here', !online ? (alone ? 'You work offline: nobody sees you, and you see nobody.' : refused ? 'Nobody can be seen on a board that cannot be opened.' : 'Nobody can be seen without a connection.') : others.length ? '' : 'Nobody else is here. Open this page in another window.');
  showPointers($('pointers'), others);
  notes.paintWriters(new Map(others.filter(({ note }) => note).map((one) => [String(one.note), one])));
  showCarets($('text'), $('carets'), others.filter(({ at }) => at?.in === 'text')
    .map(({ name, hue, at }) => ({ name, hue, index: indexOf(text, at.place) })).filter(({ index }) => index >= 0));
  $('refused').hidden = !refused || alone;
  put('why', `This board cannot be opened: ${refused.replace(/\.?$/, '.')} What you write stays in this browser.`);
  put('saved', keeper.failed ? 'Only here, and lost when this page is closed'
    : sync.full ? 'The board is full: remove something'
    : sync.saved ? 'Everybody has it'
    : alone ? (sync.unsaved ? 'Only here, until you are back' : 'Working offline')
    : refused ? 'Only here'
    : connection.state === 'connected' ? 'Sending…' : 'Only here, until the connection is back');
  $('saved').dataset.saved = String(sync.saved && !sync.full);
}
requestAnimationFrame(paint);
$('text').addEventListener('scroll', () => ($('carets').scrollTop = $('text').scrollTop));
addEventListener('resize', () => (dirty = true));

// For who wants to look at it in the browser's console, and for tests.
Object.assign(globalThis, { board: { doc, text, notes: stored, sync, connection, channel } });

for (const kept of await keeper.take()) {
  try {
    sync.restore(fromText(kept));
  } catch {
    console.warn('What was kept in this browser could not be read.');
  }
}
$('alone').checked = alone;
if (!alone) await join();
