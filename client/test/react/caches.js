/** TanStack Query and SWR in step with a channel, on one wire against a real server. */
import { QueryClient, QueryClientProvider, useQuery, useQueryClient } from '@tanstack/react-query';
import useSWR, { SWRConfig, useSWRConfig } from 'swr';
import { useChannel, useConnection, useInvalidate } from '@polywire/client/react';
import { equal, h, name, turns, until } from './kit.js';

/** What the two libraries have in common: a provider, a hook that fetches, and what invalidates. */
const libraries = {
  'TanStack Query': {
    cache: () => {
      const client = new QueryClient({ defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false, gcTime: Infinity } } });
      return ({ children }) => h(QueryClientProvider, { client }, children);
    },
    useItems: (key, queryFn) => useQuery({ queryKey: key, queryFn }).data,
    useCache: () => useQueryClient(),
  },
  SWR: {
    cache: () => {
      const value = { provider: () => new Map(), dedupingInterval: 0, revalidateOnFocus: false, revalidateOnReconnect: false };
      return ({ children }) => h(SWRConfig, { value }, children);
    },
    useItems: (key, fetcher) => useSWR(key, fetcher).data,
    useCache: () => useSWRConfig().mutate,
  },
};

const cases = {
  async 'events, by key and by function, make it fetch again; a burst a few times only'(stage, { Cache, useItems, useCache }) {
    const other = await stage.other();
    const channel = name();
    const fetched = { items: 0, one: 0, rest: 0 };
    let live;
    function Items() {
      const { connection } = useConnection();
      const items = useItems(['items'], async () => {
        fetched.items++;
        if (!connection) return [];
        return (await other.channel(channel).history({ limit: 1000 })).messages.map(({ payload }) => payload.id);
      });
      useItems(['item', 7], async () => ++fetched.one);
      useItems(['rest'], async () => ++fetched.rest);
      ({ live } = useInvalidate(channel, { ADDED: [['items']], UPDATED: ({ payload }) => [['item', payload.id]] }, useCache(), { keys: [['items']], wait: 20 }));
      return h('p', null, String(items));
    }
    const { container } = stage.mount(h(Cache, null, h(Items)));
    await until(() => live);
    await until(() => fetched.items >= 2, 'fetched once more, for what came before the subscription');
    await other.channel(channel).publish('ADDED', { id: 7 });
    await until(() => container.textContent === '7');
    const before = { ...fetched };
    const ids = Array.from({ length: 100 }, (_, i) => i);
    await Promise.all(ids.map((id) => other.channel(channel).publish('ADDED', { id })));
    await until(() => container.textContent === [7, ...ids].join(), () => container.textContent);
    const burst = fetched.items - before.items;
    if (burst < 1 || burst >= 100) throw new Error(`${burst} fetches for a burst of 100 events`);
    await other.channel(channel).publish('UPDATED', { id: 7 });
    await until(() => fetched.one > before.one);
    equal([fetched.one - before.one, fetched.rest], [1, before.rest], 'fetches of the others');
  },

  async 'who joins a subscription that others have fetches what came before, and loses nothing by leaving'(stage, { Cache, useItems, useCache }) {
    const other = await stage.other();
    const channel = name();
    let [version, subscribed, heard] = ['old', false, 0];
    function Reader() {
      ({ subscribed } = useChannel(channel));
      return h('p', null, useItems(['items'], async () => version));
    }
    function Keeper({ wait }) {
      const mapping = {
        ADDED: () => {
          heard++;
          return [['items']];
        },
      };
      useInvalidate(channel, mapping, useCache(), { keys: [['items']], wait, pollEvery: 0 });
      return null;
    }
    const tree = (keeper) => h(Cache, null, h(Reader, { key: 'reader' }), keeper);
    const { container, show } = stage.mount(tree());
    await until(() => subscribed && container.textContent === 'old');
    version = 'new';
    show(tree(h(Keeper, { key: 'first', wait: 1 })));
    await until(() => container.textContent === 'new');
    show(tree(h(Keeper, { key: 'second', wait: 1_000_000 })));
    while (!heard) {
      await other.channel(channel).publish('ADDED', 1);
      await turns(2, 10);
    }
    version = 'newer';
    show(tree());
    await until(() => container.textContent === 'newer');
    equal(stage.count('subscribe'), 1, 'subscribes');
  },

  async 'while no wire works it is fetched at intervals, and no longer when one does'(stage, { Cache, useItems, useCache }) {
    const channel = name();
    stage.cut = true;
    let [fetched, live] = [0, true];
    function Items() {
      const items = useItems(['items'], async () => ++fetched);
      ({ live } = useInvalidate(channel, { ADDED: [['items']] }, useCache(), { pollEvery: 30, wait: 1 }));
      return h('p', null, String(items));
    }
    const { container } = stage.mount(h(Cache, null, h(Items)));
    await until(() => fetched >= 5);
    equal(live, false, 'live');
    stage.cut = false;
    await until(() => live);
    await until(() => container.textContent === String(fetched));
    await turns(2, 30);
    const before = fetched;
    await turns(4, 30);
    equal(fetched, before, 'fetches while events come');
  },
};

export const caches = Object.fromEntries(Object.entries(libraries).flatMap(([library, { cache, ...hooks }]) => Object.entries(cases).map(
  ([title, run]) => [`${library}: ${title}`, (stage) => run(stage, { Cache: cache(), ...hooks })],
)));
