/** The hooks in jsdom, over every wire, against the server at POLYWIRE_URL. `page.js` runs the same in a browser. */
import './dom.js';
import { describe, test } from 'node:test';
import { URL_GIVEN, WIRES } from '../support/server.js';

const [{ scenarios }, { caches }, { run }] = await Promise.all([import('./scenarios.js'), import('./caches.js'), import('./kit.js')]);

for (const wire of WIRES) {
  describe(`React over ${wire}`, { skip: !URL_GIVEN && 'POLYWIRE_URL is not set', timeout: 60_000 }, () => {
    for (const [title, scenario] of Object.entries({ ...scenarios, ...caches })) test(title, () => run(scenario, URL_GIVEN, wire));
  });
}
