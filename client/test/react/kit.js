/** What the scenarios share; it runs in Node with jsdom and in a browser. */
import { createElement as h, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { connect } from '@polywire/client';
import { PolywireProvider } from '@polywire/client/react';

export { h, useState };

export const name = (namespace = 'test') => `${namespace}:${crypto.randomUUID()}`;

/** Fails with both, where the JSON of two values differs. */
export function equal(actual, expected, what = '') {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`${what} is ${a}, not ${b}`);
}

/** Waits for something to become true, and not for longer than it is worth. */
export async function until(condition, what = String(condition), ms = 10_000) {
  const end = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** So many turns of an interval, for what must not happen in them. */
export const turns = (count, ms) => new Promise((resolve) => {
  const timer = setInterval(() => {
    if (--count > 0) return;
    clearInterval(timer);
    resolve();
  }, ms);
});

/** What a scenario works with. Everything that it opens is closed by `end`. */
export class Stage {
  /** Frames that the page has sent, of every connection. */ sent = [];
  /** What a page shows as an error. */ errors = [];
  /** No request gets through while it is set. */ cut = false;
  #ends = [];
  #console = console.error;

  constructor(url, wire) {
    this.url = url;
    this.wire = wire;
    console.error = (...what) => this.errors.push(what.map(String).join(' '));
    const record = (text) => {
      if (typeof text === 'string') this.sent.push(...[JSON.parse(text)].flat());
    };
    const cut = () => this.cut;
    const { WebSocket: Real = class {} } = globalThis;
    class Counted extends Real {
      constructor(at, ...more) {
        if (cut()) throw new Error('no network'); // Node 20 does not tell at once of one that is refused
        super(at, ...more);
      }

      send(text) {
        record(text);
        super.send(text);
      }
    }
    this.options = {
      transports: [wire], remember: false, WebSocket: Counted,
      fetch: async (at, init) => {
        if (this.cut) throw new TypeError('no network');
        record(init?.body);
        return fetch(at, init);
      },
    };
  }

  /** How many frames of a type were sent. */
  count(type) {
    return this.sent.filter((frame) => frame.type === type).length;
  }

  /** How many connections have been made. */
  get connections() {
    return new Set(this.sent.filter(({ type }) => type === 'hello').map(({ client }) => client)).size;
  }

  /** Runs something at the end. */
  after(run) {
    this.#ends.push(run);
  }

  /** Somebody else, whose frames do not count. */
  async other() {
    const connection = connect(this.url, { remember: false });
    this.after(() => connection.close());
    await connection.ready;
    return connection;
  }

  /** Mounts components in a provider, in strict mode. */
  mount(children, props = { url: this.url, options: this.options }) {
    const container = document.createElement('div');
    document.body.append(container);
    const root = createRoot(container);
    const tree = (what) => h(StrictMode, null, h(PolywireProvider, props, what));
    root.render(tree(children));
    let mounted = true;
    const unmount = () => {
      if (mounted) root.unmount();
      mounted = false;
      container.remove();
    };
    this.after(unmount);
    return { container, unmount, show: (what) => root.render(tree(what)) };
  }

  async end() {
    for (const end of this.#ends.reverse()) await end();
    console.error = this.#console;
    equal(this.errors, [], 'the console');
  }
}

/** Runs one scenario. */
export async function run(scenario, url, wire) {
  const stage = new Stage(url, wire);
  let failure;
  try {
    await scenario(stage);
  } catch (error) {
    failure = error;
  }
  try {
    await stage.end();
  } catch (error) {
    failure ??= error;
  }
  if (failure) throw failure;
}
