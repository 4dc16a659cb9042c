/** The page of the live feed: one connection, what it brings, and what can be done to it. */
import { connect } from '/realtime/client.js';
import { mark } from './charts.js';
import { SHORT, WIRES, clock, duration, whole } from './format.js';
import { lineView } from './lines.js';
import { machineCharts } from './machine.js';
import { State } from './state.js';
import { Tally } from './tally.js';
import { name, showWatchers } from './watchers.js';

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const query = new URLSearchParams(location.search);
/** For tests: the so-manieth message is dropped here, to see that the counters notice. */
const skip = Number(query.get('skip')) || 0;

const tally = new Tally();
/** @type {{charts: any[], take: (message: any) => void, paint?: () => void} | undefined} */
let view;
let feed = '';
/** Number of the last message that the view has, be it from a snapshot or not. */
let drawn = 0;
/** Number of the last message in the snapshot that we began with. */
let known = 0;
let arrived = 0;
let lastAt = Date.now();
/** @type {number[]} */
let delays = [];
let told = 0;
let peopleChanged = true;

const config = await (await fetch('feed.json')).json();
const wires = config.transports.filter((/** @type {string} */ wire) => WIRES[wire]);
const first = query.get('wire');
const connection = connect(config.path, {
  // What worked the last time is of no interest where people come to try the others.
  remember: false,
  transports: first && wires.includes(first) ? [first, ...wires.filter((/** @type {string} */ wire) => wire !== first)] : undefined,
});
const channel = connection.channel(config.channel);

// --- what comes

/** @param {any} message */
function draw(message) {
  if (!view || message.n <= drawn) return;
  drawn = message.n;
  lastAt = message.at;
  if (message.event === 'end' && message.failed) happened('The source failed; the server’s log tells why', 'bad');
  view.take(message);
}

/** Of a source that tells a state: the newest. */
const state = new State(() => {
  // In the test that wants a message missed, nothing shall make up for it.
  if (skip) return;
  connection.request('whole', null).then(takeWhole, () => state.failed());
});

// For who wants to look at it in the browser's console, and for tests.
Object.assign(globalThis, { dashboard: { state } });

/** A snapshot came: because we subscribed, because of a gap, or because we asked for it. @param {any} snapshot */
function takeWhole(snapshot) {
  const { last, recent, version } = snapshot;
  if (tally.begin(snapshot.feed, last)) {
    if (feed) happened('The server was restarted: another feed begins');
    feed = snapshot.feed;
    drawn = 0;
    known = last;
  }
  if (version !== undefined) {
    state.whole(feed, version, snapshot.state);
    tally.whole(version);
    // The newest change follows a snapshot, also when that holds it.
    known = version;
  }
  const about = snapshot.about ?? snapshot.state.about;
  if (!view && about.kind === 'machine') view = machineCharts($('charts'), about);
  if (!view && about.kind === 'lines') view = lineView($, $('charts'));
  if (view) $('waiting').hidden = true;
  describe(about);
  for (const message of recent) draw(message);
}

channel.on(':subscribed', ({ snapshot }) => {
  peopleChanged = true;
  if (snapshot) takeWhole(snapshot);
});

channel.on('*', ({ event, payload, timestamp }) => {
  arrived++;
  if (arrived === skip) return;
  delays.push(Date.now() - timestamp);
  if (delays.length > 25) delays.shift();
  if (event === 'patch') changed(payload);
  else if (tally.take(payload.feed, payload.n, payload.n <= known)) {
    known = 0;
    draw(payload);
  }
});

/** A state has changed. One that comes in place of several makes up for them. @param {any} payload */
function changed({ feed: of, from, to, patch }) {
  const before = state.version;
  // The one after the one that was dropped for a test does not make up for it; it may itself stand for several.
  const reaches = arrived === skip + 1 ? before + 1 : from;
  state.change({ of, from: reaches, to, patch });
  // Further behind than it reaches: the whole has been asked for, and makes up for everything.
  if (!skip && (of !== state.of || reaches > before)) return;
  if (!tally.take(of, to, to <= known, reaches)) return;
  known = 0;
  const { n, at } = state.document;
  for (const event of ['sample', 'end']) if (patch[event]) draw({ event, n, at, ...state.document[event] });
}

for (const event of [':join', ':leave', ':presence']) channel.on(event, () => (peopleChanged = true));
channel.on(':gap', ({ reason }) => happened(`The server told of a gap: ${reason}`, 'bad'));
channel.on(':unsubscribed', ({ reason }) => happened(`Unsubscribed: ${reason}`, 'bad'));

function describe(/** @type {any} */ about) {
  const rate = `${about.rate} ${about.kind === 'machine' ? 'samples' : 'lines'} a second`;
  $('about').textContent = about.kind === 'machine'
    ? [about.processor, `${about.cores} cores`, about.system, `Java ${about.java}`, rate].filter(Boolean).join(' · ')
    : `${about.name} · at most ${rate}`;
  const read = `${location.origin}${config.path}`;
  $('curl').textContent = `curl -N '${read}/sse?channel=${config.channel}'\ncurl '${read}/poll?channel=${config.channel}'`;
}

// --- the wire

/** When the connection broke, or was told to change. */
let broke = 0;
let lostBefore = 0;
let chosen = first && wires.includes(first) ? first : 'auto';

/**
 * @param {string} text
 * @param {string} [kind]
 */
function happened(text, kind = '') {
  const item = document.createElement('li');
  item.className = kind;
  const time = document.createElement('time');
  time.textContent = clock(Date.now());
  item.append(time, ` ${text}`);
  const list = $('events');
  list.prepend(item);
  while (list.childElementCount > 30) list.lastElementChild?.remove();
}

/** Number of the node that has our session, where there are several. */
let node = 0;

if (config.nodes > 1) {
  $('nodes').textContent = ` A proxy hands each request to the next of ${config.nodes} nodes, whichever has the session.`;
  $('nodes').hidden = false;
}

/** Asks the node that has our session for its number. */
async function askWhichNode() {
  if (!(config.nodes > 1)) return;
  const now = await connection.request('which-node', null).catch(() => 0);
  if (!now) return;
  if (node && now !== node) happened(`The session went from node ${node} to node ${now}`);
  node = now;
  $('node').textContent = `node ${node}`;
  $('node').hidden = false;
}

const verdict = () => (tally.lost > lostBefore ? `, ${tally.lost - lostBefore} lost` : '');

connection.on('state', ({ state, transport, error }) => {
  const wire = WIRES[transport ?? ''] ?? '';
  $('state').dataset.state = state;
  $('state').dataset.wire = transport ?? '';
  $('state-text').textContent = {
    connecting: 'Connecting…',
    connected: `Live over ${wire}`,
    reconnecting: 'Reconnecting…',
    closed: 'Closed',
    failed: `Ended: ${error?.code ?? 'the server refused'}`,
  }[state] ?? state;
  $('cut').toggleAttribute('disabled', state !== 'connected');
  if (state === 'reconnecting' && !broke) {
    broke = performance.now();
    lostBefore = tally.lost;
    mark(lastAt / 1000, 'cut', '--bad');
    happened(error?.code === 'dropped' ? 'Connection cut' : `Connection lost (${error?.code ?? 'unknown'})`, 'cut');
  }
  if (state === 'connected' && broke) {
    happened(`Back over ${wire} after ${duration(performance.now() - broke)}${verdict()}`, 'good');
    broke = 0;
    askWhichNode();
  }
  if (state === 'failed') happened(`The connection is over: ${error?.message ?? error?.code ?? 'refused'}`, 'bad');
});

connection.on('transport', ({ transport, previous }) => {
  $('state').dataset.wire = transport;
  $('state-text').textContent = `Live over ${WIRES[transport]}`;
  if (previous) mark(lastAt / 1000, SHORT[transport], `--${transport}`);
  if (!previous) happened(`Connected over ${WIRES[transport]}`, 'good');
  introduce();
  askWhichNode();
});

connection.on('reset', ({ reason }) => happened(`A new session (the old one was ${reason ?? 'lost'})`));
connection.on('lost', ({ reason }) => happened(`Something was lost: ${reason}`, 'bad'));
connection.on('error', (error) => happened(`Error: ${error.code ?? error.message}`, 'bad'));

/** Tells the others who we are and how we watch. */
function introduce() {
  if (channel.subscribed) channel.setState({ name, wire: connection.transport }).catch(() => {});
}

for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('input[name=wire]'))) {
  input.checked = input.value === chosen;
  if (input.value !== 'auto' && !wires.includes(input.value)) input.disabled = true;
  input.addEventListener('change', async () => {
    chosen = input.value;
    const target = chosen === 'auto' ? wires[0] : chosen;
    if (target === connection.transport) return;
    const from = connection.transport;
    const began = performance.now();
    const before = tally.lost;
    try {
      await connection.switchTo(target);
      lostBefore = before;
      happened(`${WIRES[from ?? ''] ?? 'Nothing'} → ${WIRES[target]} in ${duration(performance.now() - began)}${verdict()}`, 'good');
    } catch (/** @type {any} */ error) {
      if (error.code !== 'superseded') happened(`${WIRES[target]} does not work here (${error.code ?? error.message})`, 'bad');
    }
  });
}
$('cut').addEventListener('click', () => connection.dropWire());

// --- painting

/** @param {string} id @param {string} text */
function write(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

function paint() {
  requestAnimationFrame(paint);
  write('received', whole(tally.received));
  write('repeated', whole(tally.repeated));
  write('lost', whole(tally.lost));
  $('repeated').parentElement?.classList.toggle('bad', tally.repeated > 0);
  $('lost').parentElement?.classList.toggle('bad', tally.lost > 0);
  // Once a second is often enough for a number that is to be read.
  if (delays.length && performance.now() - told > 1000) {
    told = performance.now();
    const sorted = [...delays].sort((a, b) => a - b);
    const [value, unit] = duration(Math.max(1, sorted[sorted.length >> 1])).split(' ');
    write('latency', value);
    write('latency-unit', ` ${unit}`);
  }
  if (peopleChanged) {
    peopleChanged = false;
    showWatchers(channel.members, channel.count, connection.sessionId, $);
  }
  view?.paint?.();
  paintCharts(view?.charts ?? []);
}

/** Whose turn it is. */
let turn = 0;

/** What is not painted within some milliseconds has its turn in the next frame: messages wait meanwhile. */
function paintCharts(/** @type {any[]} */ charts) {
  const end = performance.now() + 8;
  for (let i = 0; i < charts.length && performance.now() < end; i++) charts[turn++ % charts.length].paint();
}
requestAnimationFrame(paint);

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const chart of view?.charts ?? []) chart.repaint();
});

await channel.subscribe();
introduce();
