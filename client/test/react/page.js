/** The scenarios of the hooks for a browser: bundled, this is all of the page. */
import { version } from 'react';
import { caches } from './caches.js';
import { run } from './kit.js';
import { scenarios } from './scenarios.js';

const all = Object.entries({ ...scenarios, ...caches });

globalThis.kit = {
  version,
  titles: all.map(([title]) => title),
  /** Runs one on a wire; tells what failed, or nothing. */
  run: (index, url, wire) => run(all[index][1], url, wire).then(() => '', (error) => `${error.stack}`),
};
