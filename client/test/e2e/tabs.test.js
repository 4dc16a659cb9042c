/** Hole 8 against a real server at POLYWIRE_URL: what server and client make of it together. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until, WIRES, URL_GIVEN } from '../support/server.js';
import { tab } from '../support/tab.js';

const options = { skip: !URL_GIVEN && 'POLYWIRE_URL is not set', timeout: 60_000 };

describe('a tab that was duplicated, with its secret', options, () => {
  for (const wire of WIRES) {
    test(`hole 8, R11: over ${wire} one stays and works, the other is told and does not come back`, async (t) => {
      let opened = 0;
      const place = {
        url: URL_GIVEN, now: () => performance.now(), random: Math.random, WebSocket: globalThis.WebSocket && class extends WebSocket {
          constructor(...args) {
            opened++;
            super(...args);
          }
        },
        fetch: (url, init) => {
          if (/\/sse|\/poll/.test(url) && init.method !== 'GET') opened++;
          return fetch(url, init);
        },
        later: (ms, run) => {
          const timer = setTimeout(run, ms);
          return () => clearTimeout(timer);
        },
      };
      const mine = tab(place, wire);
      t.after(() => new Promise((done) => mine.close('', done)));
      await until(() => mine.state === 'connected');
      const twin = tab(place, wire, mine);
      t.after(() => new Promise((done) => twin.close('', done)));
      const tabs = [mine, twin];
      await until(() => tabs.some((one) => one.state === 'failed') && tabs.some((one) => one.state === 'connected'));
      const left = tabs.find((one) => one.state === 'connected');
      const gone = tabs.find((one) => one.state === 'failed');
      // Between two polls there is nothing to replace: the next one comes too late, and gives up after a few more.
      assert.match(gone.log.at(-1)[1], wire === 'longpoll' ? /^(replaced|stale)$/ : /^replaced$/);
      const before = opened;
      for (let n = 1; n <= 20; n++) {
        left.machine.push({ type: 'request', id: `r${n}`, address: 'echo', payload: n });
        left.flush();
        await until(() => left.frames.length >= n);
      }
      assert.deepEqual(left.frames.map(({ type, payload }) => [type, payload]), Array.from({ length: 20 }, (_, i) => ['reply', i + 1]));
      assert.equal(left.state, 'connected');
      assert.equal(opened, before, 'nobody attaches again');
    });
  }
});
