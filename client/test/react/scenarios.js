/** What the hooks promise, on one wire against a real server: see `kit.js` for the stage that each is given. */
import { StrictMode, useEffect } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { connect } from '@polywire/client';
import { PolywireProvider, useChannel, useConnection, usePresence, useProvisional, useRequest } from '@polywire/client/react';
import { equal, h, name, turns, until, useState } from './kit.js';

const text = (container) => container.textContent;

/** Lists what comes, and gives its hooks away. */
function List({ channel, got, hooks = {} }) {
  const [items, setItems] = useState([]);
  const view = useChannel(channel, {
    ADDED: ({ payload }) => {
      got?.push(payload);
      setItems((all) => [...all, payload]);
    },
  });
  Object.assign(hooks, view, useConnection());
  useEffect(() => {
    hooks.gone = false;
    return () => {
      hooks.gone = true;
    };
  }, [hooks]);
  return h('p', null, `${view.subscribed ? 'on' : 'off'} ${items.join(' ')};`);
}

export const scenarios = {
  async 'in StrictMode there is one connection and one subscription, and none when all have gone'(stage) {
    const other = await stage.other();
    const channel = name();
    await other.channel(channel).subscribe();
    const [a, b, hooks] = [[], [], {}];
    const both = [h(List, { key: 1, channel, got: a, hooks }), h(List, { key: 2, channel, got: b })];
    const { container, show, unmount } = stage.mount(both);
    await until(() => text(container) === 'on ;on ;');
    equal([hooks.state, hooks.transport], ['connected', stage.wire], 'the connection');
    for (let i = 1; i <= 5; i++) await other.channel(channel).publish('ADDED', i);
    await until(() => a.length >= 5 && b.length >= 5);
    show(both.slice(1)); // one of two goes
    await until(() => text(container) === 'on 1 2 3 4 5;' && hooks.gone, 'its effects have ended');
    await other.channel(channel).publish('ADDED', 6);
    await until(() => b.length >= 6);
    equal([a, b], [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6]], 'what came');
    equal([stage.connections, stage.count('subscribe'), stage.count('unsubscribe')], [1, 1, 0], 'connections and subscriptions');
    show(null);
    await until(() => other.channel(channel).count === 1, 'nobody else is subscribed');
    equal([hooks.connection.state, stage.count('unsubscribe')], ['connected', 1], 'the connection stays, the subscription does not');
    show(both);
    await until(() => text(container) === 'on ;on ;');
    unmount();
    await until(() => hooks.connection.state === 'closed');
    await until(() => other.channel(channel).count === 1, 'the session has gone');
    equal([stage.connections, stage.count('subscribe')], [1, 2], 'connections and subscriptions');
  },

  async 'another name is another subscription; without one there is none'(stage) {
    const [first, second] = [name(), name()];
    const hooks = {};
    const { container, show } = stage.mount(h(List, { channel: null, hooks }));
    await until(() => hooks.state === 'connected');
    equal([text(container), stage.count('subscribe')], ['off ;', 0], 'without a name');
    show(h(List, { channel: first, hooks }));
    await until(() => text(container) === 'on ;');
    await hooks.publish('ADDED', 'a');
    show(h(List, { channel: second, hooks }));
    await until(() => stage.count('unsubscribe') === 1 && text(container) === 'on a;');
    await hooks.publish('ADDED', 'b');
    await until(() => text(container) === 'on a b;');
    equal(stage.sent.filter(({ type }) => type === 'subscribe').map(({ channels }) => channels), [[first], [second]], 'subscribed');
  },

  async 'a broken wire loses, repeats and reorders nothing'(stage) {
    const other = await stage.other();
    const channel = name();
    const [got, hooks] = [[], {}];
    const { container } = stage.mount(h(List, { channel, got, hooks }));
    await until(() => text(container) === 'on ;');
    for (let i = 1; i <= 20; i++) {
      if (i % 7 === 0) hooks.connection.dropWire();
      await other.channel(channel).publish('ADDED', i);
    }
    await until(() => got.length >= 20);
    equal(got, Array.from({ length: 20 }, (_, i) => i + 1), 'what came');
    equal(stage.count('subscribe'), 1, 'subscribes');
  },

  async 'names of events are data, and the handlers are those of the last render'(stage) {
    const channel = name();
    const [calls, hooks] = [[], {}];
    function Ears({ mark }) {
      Object.assign(hooks, useChannel(channel, {
        '*': ({ event }) => calls.push(`${mark} * ${event}`), ADDED: () => calls.push(`${mark} ADDED`), ':gap': () => calls.push('gap'),
      }));
      return mark;
    }
    const { container, show } = stage.mount(h(Ears, { mark: 'first' }));
    await until(() => hooks.subscribed);
    await hooks.publish('ADDED', 1);
    show(h(Ears, { mark: 'second' }));
    await until(() => text(container) === 'second');
    for (const event of ['ADDED', ':gap', 'constructor', '__proto__', '*']) await hooks.publish(event, 1).catch(() => calls.push('refused'));
    await until(() => calls.includes('second * __proto__'));
    equal(calls.filter((call) => !/refused|[:*]$/.test(call) && !/:gap/.test(call)), [
      'first * ADDED', 'first ADDED', 'second * ADDED', 'second ADDED', 'second * constructor', 'second * __proto__',
    ], 'calls');
    equal(calls.includes('gap'), false, 'a forged gap');
  },

  async 'members and their states are seen as they come and go'(stage) {
    const other = await stage.other();
    const channel = name();
    const seen = {};
    function People({ state }) {
      Object.assign(seen, usePresence(channel, { state }), { session: useConnection().sessionId });
      return h('p', null, seen.members.map((member) => JSON.stringify(member.state)).sort().join());
    }
    const { container, show } = stage.mount(h(People, { state: { typing: true } }));
    await until(() => text(container) === '{"typing":true}');
    await other.channel(channel).subscribe();
    await until(() => seen.count === 2);
    await other.channel(channel).setState('away');
    await until(() => text(container) === '"away",{"typing":true}');
    show(h(People, { state: { typing: false } }));
    await until(() => text(container) === '"away",{"typing":false}');
    equal(other.channel(channel).members.find((member) => member.session === seen.session).state, { typing: false }, 'our state');
    await other.channel(channel).unsubscribe();
    await until(() => seen.count === 1);
    equal(stage.count('subscribe'), 1, 'subscribes');
  },

  async 'requests are asked when mounted and when they change, and again on demand'(stage) {
    let last;
    function Ask({ address = 'echo', payload }) {
      last = useRequest(address, payload, { timeout: 5000 });
      return h('p', null, JSON.stringify(last));
    }
    const { container, show } = stage.mount(h(Ask, { payload: { id: 1 } }));
    equal(stage.connections, 0, 'connections before any effect');
    await until(() => text(container) === '{"data":{"id":1},"pending":false}');
    show(h(Ask, { payload: { id: 1 } }));
    show(h(Ask, { payload: { id: 2 } }));
    await until(() => text(container) === '{"data":{"id":2},"pending":false}');
    const before = stage.count('request');
    last.refresh();
    await until(() => stage.count('request') > before && !last.pending);
    show(h(Ask, { address: 'no.such.address' }));
    await until(() => last.error?.code === 'not_found');
    show(h(Ask, { address: null }));
    await until(() => text(container) === '{"pending":false}');
    equal([before, stage.count('request')], [2, 4], 'requests');
  },

  async 'provisional updates are shown at once, become real without a flicker, and are rolled back when refused'(stage) {
    const channel = name();
    const renders = [];
    const hooks = {};
    function Chat() {
      const [messages, setMessages] = useState([]);
      const { publish, subscribed } = useChannel(channel, { ADDED: ({ payload }) => setMessages((all) => [...all, payload]) });
      const [shown, attempt] = useProvisional(messages, (all, draft) => (all.some(({ id }) => id === draft.id) ? all : [...all, { ...draft, sending: true }]));
      Object.assign(hooks, { publish, attempt, subscribed, refuse: useChannel(`closed:${channel.slice(5)}`).publish });
      const line = shown.map(({ id, sending }) => id + (sending ? '…' : '')).join(' ');
      if (renders.at(-1) !== line) renders.push(line);
      return h('p', null, line);
    }
    const { container } = stage.mount(h(Chat));
    await until(() => hooks.subscribed);
    let go;
    const seen = new Promise((resolve) => {
      go = resolve;
    });
    const sent = hooks.attempt({ id: 'a' }, (draft) => seen.then(() => hooks.publish('ADDED', draft)));
    const refused = hooks.attempt({ id: 'b' }, (draft) => seen.then(() => hooks.refuse('ADDED', draft))).catch((error) => error);
    await until(() => renders.includes('a… b…'));
    go();
    await sent;
    equal((await refused).code, 'forbidden', 'the refusal');
    await until(() => text(container) === 'a');
    equal(renders.slice(0, 2), ['', 'a… b…'], 'at once');
    equal(renders.slice(1).every((line) => line.startsWith('a')), true, `without a flicker: ${renders}`);
    const thrown = await hooks.attempt({ id: 'c' }, () => {
      throw new Error('before it was sent');
    }).catch((error) => error);
    equal(thrown.message, 'before it was sent', 'what is thrown');
    await until(() => text(container) === 'a');
  },

  async 'a refused subscription says why'(stage) {
    let view;
    function Closed() {
      view = useChannel('bad name');
      return null;
    }
    stage.mount(h(Closed));
    await until(() => view?.error);
    equal([view.subscribed, view.error.name], [false, 'PolywireError'], 'the view');
  },

  async 'what a server has rendered is hydrated without a difference, and goes on from its position'(stage) {
    const other = await stage.other();
    const channel = name();
    const { position } = await other.channel(channel).publish('ADDED', 'rendered');
    await other.channel(channel).publish('ADDED', 'missed');
    const before = stage.sent.length;
    function Page() {
      const [items, setItems] = useState(['rendered']);
      useChannel(channel, { ADDED: ({ payload }) => setItems((all) => [...all, payload]) }, { position });
      const { state, connection } = useConnection();
      const { count } = usePresence(channel);
      const { pending } = useRequest('echo', 'x');
      return h('p', null, `${state} ${!!connection} ${count} ${pending} ${items}`);
    }
    const page = h(StrictMode, null, h(PolywireProvider, { url: stage.url, options: stage.options }, h(Page)));
    const html = renderToString(page);
    equal(html, '<p>connecting false 0 true rendered</p>', 'the page');
    const container = document.createElement('div');
    container.innerHTML = html;
    const node = container.firstChild;
    const errors = [];
    equal(stage.sent.length, before, 'frames sent by rendering');
    const root = hydrateRoot(container, page, { onRecoverableError: (error) => errors.push(String(error)) });
    try {
      await until(() => text(container) === 'connected true 1 false rendered,missed', () => text(container));
      equal([errors, container.firstChild === node], [[], true], 'hydration');
    } finally {
      root.unmount();
    }
  },

  async 'a connection of the application is used as it is, and left open with what the application subscribed itself'(stage) {
    const connection = connect(stage.url, stage.options);
    stage.after(() => connection.close());
    const [own, shared] = [name(), name()];
    await connection.channel(own).subscribe();
    const hooks = {};
    const both = [h(List, { key: 1, channel: own, hooks }), h(List, { key: 2, channel: shared })];
    const first = stage.mount(both, { connection });
    const second = stage.mount(h(List, { channel: shared }), { connection });
    equal(stage.connections, 1, 'connections');
    await until(() => text(first.container) === 'on ;on ;' && text(second.container) === 'on ;');
    first.unmount();
    await turns(2, 10);
    equal([connection.state, connection.channel(shared).subscribed], ['connected', true], 'another tree still wants it');
    second.unmount();
    await until(() => !connection.channel(shared).subscribed);
    equal([connection.state, connection.channel(own).subscribed, stage.count('subscribe')], ['connected', true, 2], 'afterwards');
  },
};
