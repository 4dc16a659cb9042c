/**
 * Load and witness of the fault runs: clients over all wires that publish to channels with history and note what they are handed.
 *
 * `node --experimental-websocket crowd.js '{"url": ..., "clients": 12, "channels": 4}'`. Says each thing in a line of JSON:
 * `ready` when all are subscribed, `progress` every now and then, and after a line `stop` on its standard input a `report`.
 */
import { createInterface } from 'node:readline';
import { connect } from '@polywire/client';
import { judge, Log } from './judge.js';

/** How many publishes of one client may be unanswered. */
const WINDOW = 8;

/** How long after the end what is on its way may take to arrive, milliseconds: longer than the longest backoff. */
const PATIENCE = 60_000;

const { url, clients = 12, channels = 4, pause = 20, wires = ['websocket', 'sse', 'longpoll'], run = 'r' } = JSON.parse(process.argv[2]);

const say = (event, detail = {}) => process.stdout.write(JSON.stringify({ event, ...detail }) + '\n');
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const names = Array.from({ length: channels }, (_, i) => `feed:${run}-${i}`);

/** @type {Map<string, any[]>} */ const stored = new Map(names.map((name) => [name, []]));
const counts = { refused: 0, unknown: 0, resets: 0, resumed: 0, epochs: 0, inFlight: 0 };
/** @type {Record<string, number>} */ const codes = {};
/** @type {Record<string, number>} Why sessions had ended, for those who opened the next. */ const ends = {};
let over = false;

/** Subscribes, as an application does whose server has just been started and does not reach its store yet. */
async function subscribe(channel) {
  for (;;) {
    try {
      return await channel.subscribe();
    } catch (error) {
      if (error.code !== 'unavailable') throw error;
      await later(error.retryAfter ?? 500);
    }
  }
}

/** A client on one wire, which alone it uses, so that each is under test for the whole run. */
function join(i) {
  const wire = wires[i % wires.length];
  const connection = connect(url, { transports: [wire], remember: false });
  connection.on('reset', ({ reason }) => {
    counts.resets++;
    ends[reason] = (ends[reason] ?? 0) + 1;
  });
  connection.on('resumed', () => counts.resumed++);
  const history = [];
  connection.on('state', ({ state, error }) => {
    history.push(`${Math.round(performance.now())} ${state}${error ? ` ${error.code} ${error.message} ${error.retryAfter ?? ''}` : ''}`);
    if (history.length > 12) history.shift();
  });
  connection.on('error', ({ code, message }) => history.push(`${Math.round(performance.now())} error ${code} ${message}`));
  const logs = new Map(names.map((name) => [name, new Log()]));
  const subscribed = names.map((name) => {
    const channel = connection.channel(name);
    const log = /** @type {Log} */ (logs.get(name));
    channel.on('*', (m) => log.message(m.payload, m.position));
    channel.on(':gap', (gap) => {
      log.gap(gap.reason);
      if (gap.reason === 'epoch') counts.epochs++;
    });
    return subscribe(channel);
  });
  return { wire, connection, history, logs, subscribed: Promise.all(subscribed), p: `p${i}` };
}

async function publish({ connection, p }) {
  let waiting = 0;
  for (let n = 1; !over; n++) {
    while (waiting >= WINDOW && !over) await later(2);
    const name = names[n % names.length];
    const label = { p, n };
    waiting++;
    counts.inFlight++;
    connection.channel(name).publish('N', label, { timeout: 20_000 }).then(
      ({ position }) => /** @type {any[]} */ (stored.get(name)).push({ label, at: position }),
      ({ code }) => {
        codes[code] = (codes[code] ?? 0) + 1;
        if (['outcome_unknown', 'timeout'].includes(code)) counts.unknown++;
        else counts.refused++;
      },
    ).finally(() => {
      waiting--;
      counts.inFlight--;
    });
    await later(pause * (0.5 + Math.random()));
  }
}

const crowd = Array.from({ length: clients }, (_, i) => join(i));
const verdict = () => judge(stored, crowd.map(({ logs }) => logs));
const received = () => crowd.reduce((sum, { logs }) => [...logs.values()].reduce((s, log) => s + log.entries.length, sum), 0);
const progress = setInterval(() => say('progress', {
  received: received(),
  stored: [...stored.values()].reduce((sum, messages) => sum + messages.length, 0),
  connected: crowd.filter(({ connection }) => connection.state === 'connected').length,
  away: crowd.filter(({ connection }) => connection.state !== 'connected').map(({ wire, history }) => [wire, ...history]),
  ...counts,
}), 100);

await Promise.all(crowd.map(({ subscribed }) => subscribed));
say('ready');
const publishing = Promise.all(crowd.map(publish));

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === 'stop') break;
}
over = true;
await publishing;
const end = Date.now() + PATIENCE;
let sum = verdict();
while ((counts.inFlight > 0 || sum.lost > 0) && Date.now() < end) {
  await later(100);
  sum = verdict();
}
// Once more: a repeat would come late.
await later(500);
clearInterval(progress);
const behind = crowd
  .map(({ wire, connection, history, logs }) => [judge(stored, [logs]).lost, wire, connection.sessionId, connection.state, Math.round(performance.now()), ...history])
  .filter(([lost]) => lost > 0);
say('report', { ...verdict(), ...counts, codes, ends, ...(behind.length > 0 && { behind }) });
await Promise.all(crowd.map(({ connection }) => connection.close()));
process.exit(0);
