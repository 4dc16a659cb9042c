/** An engine without the rest of a client: what a duplicated tab has twice. */
import { engine as start } from '../../src/engine.js';
import { longpoll } from '../../src/longpoll.js';
import { policy } from '../../src/policy.js';
import { sse } from '../../src/sse.js';
import { websocket } from '../../src/websocket.js';

const MEMORY = ['key', 'opened', 'attach', 'received', 'confirmed', 'tried'];

/**
 * @param {object} place url, time, chance, WebSocket and fetch
 * @param {string} wire
 * @param {Engine} [twin] whose memory it has, as the browser copies it
 */
export function tab(place, wire, twin) {
  const log = [];
  const frames = [];
  const quiet = () => {};
  const engine = start({
    ...place, client: '0123456789abcdef', wires: { websocket, sse, longpoll }, policy: policy({ transports: [wire], random: place.random }),
  }, {
    frame: (frame) => frames.push(frame), state: (state, error) => log.push([state, error?.code]),
    welcome: quiet, refused: quiet, emit: quiet, token: quiet, note: quiet,
  });
  if (twin) for (const name of MEMORY) engine.machine[name] = twin.machine[name];
  engine.log = log;
  engine.frames = frames;
  engine.start();
  return engine;
}
