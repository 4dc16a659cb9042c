/** A client, a model server and the network between them, on one virtual clock. */
import { connect } from '@polywire/client';
import { Clock, seeded } from './clock.js';
import { Model } from './model.js';
import { Net } from './net.js';

export function world(seed = 1) {
  const clock = new Clock();
  const random = seeded(seed);
  const model = new Model(clock);
  const net = new Net(clock, model, random);
  const open = (options = {}) => {
    const connection = connect('http://server/realtime', {
      clock: { now: clock.now, later: clock.later, random }, WebSocket: net.WebSocket, fetch: net.fetch, remember: false, ...options,
    });
    const log = [];
    for (const event of ['state', 'transport', 'gap', 'error', 'lost', 'resumed', 'reset', 'expiring']) connection.on(event, (detail) => log.push([event, detail]));
    connection.log = log;
    return connection;
  };
  // The server's heartbeats (R38), without which every wire would be given up as silent.
  const beat = () => {
    for (const { conn } of model.sessions.values()) {
      if (!conn || conn.kind === 'longpoll') continue;
      if (clock.now() - conn.heard > 2 * model.heartbeat) conn.end(4006);
      else conn.send({ type: 'ping', count: conn.next - 1 });
    }
    clock.later(model.heartbeat, beat);
  };
  clock.later(model.heartbeat, beat);
  return { clock, random, model, net, open };
}

/** The states that a connection went through. */
export const states = (c) => events(c, 'state').map(({ state }) => state);

/** The details of a connection's events of one name. */
export const events = (c, name) => c.log.filter(([event]) => event === name).map(([, detail]) => detail);

/** Closes connections at the end of a test. */
export const finish = (clock, ...connections) => Promise.all([...connections.map((c) => c.close()), clock.run(5000)]);
