/** What the end-to-end tests share: clients of the server at POLYWIRE_URL. */
import { randomUUID } from 'node:crypto';
import { connect } from '@polywire/client';

export const URL_GIVEN = process.env.POLYWIRE_URL;

// Without --experimental-websocket, Node 20 has no WebSocket.
export const WIRES = ['websocket', 'sse', 'longpoll'].filter((wire) => wire !== 'websocket' || globalThis.WebSocket);

/** A connection that is closed with the test. */
export function open(t, options = {}) {
  const connection = connect(URL_GIVEN, { remember: false, ...options });
  t.after(() => connection.close());
  return connection;
}

export const name = (namespace = 'test') => `${namespace}:${randomUUID()}`;

/** Waits for something to become true, looking every now and then, and not for longer than it is worth. */
export async function until(condition, ms = 5000, describe = () => condition) {
  const end = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
