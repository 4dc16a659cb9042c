/** Deno loads the client by its URL from the server at POLYWIRE_URL. Its program comes as a development dependency. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { URL_GIVEN } from '../support/server.js';

const program = () => {
  try {
    return createRequire(import.meta.url).resolve('deno/bin.cjs');
  } catch {
    return undefined;
  }
};
const missing = !program() && process.env.CI !== 'true' && 'deno is not installed: npm ci';

test('Deno, over every wire and in a worker', { skip: (!URL_GIVEN && 'POLYWIRE_URL is not set') || missing, timeout: 60_000 }, async (t) => {
  const cache = await mkdtemp(join(tmpdir(), 'polywire-deno-'));
  t.after(() => rm(cache, { recursive: true }));
  const { host } = new URL(URL_GIVEN);
  const file = (name) => fileURLToPath(new URL(`../package/deno/${name}`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    program(), 'run', '--no-config', '--no-lock', '--no-prompt', `--allow-net=${host}`, `--allow-import=${host}`,
    `--allow-read=${file('')}`, file('main.js'), URL_GIVEN, new URL('../package/deno/worker.js', import.meta.url).href,
  ], { env: { ...process.env, DENO_DIR: cache, NO_COLOR: '1' } });
  assert.deepEqual(stdout.trim().split('\n'), ['over websocket 42', 'over sse 42', 'over longpoll 42', 'worker: from a worker']);
});
