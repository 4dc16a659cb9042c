/** What the client costs a page: the file that a server gives out, and what bundlers make of it; all of it, minified and compressed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { minify } from 'terser';
import { bundle } from '../../build.js';

/** In bytes: 10 KB. */
const BUDGET = 10_240;
/** esbuild gives each function names of its own, which compress less well: not there yet, and not to grow. */
const ESBUILD = 10_600;

const FILE = new URL('../../dist/client.js', import.meta.url);

const bundled = async (contents, options) => {
  const resolveDir = fileURLToPath(new URL('../../', import.meta.url));
  const { outputFiles } = await build({ stdin: { contents, resolveDir }, bundle: true, format: 'esm', write: false, ...options });
  return outputFiles[0].text;
};

test('the file that is given out is what the sources make: npm run build', async () => {
  assert.ok(readFileSync(FILE, 'utf8') === (await bundle()), 'dist/client.js is not of these sources: npm run build');
});

test(`all of it is at most ${BUDGET} bytes: from a server, and in a bundle by terser; by esbuild, ${ESBUILD}`, async (t) => {
  const [connect, all] = ['{ connect }', '*'].map((what) => `export ${what} from '@polywire/client';`);
  for (const [what, text, budget] of [
    ['GET /realtime/client.js', readFileSync(FILE), BUDGET],
    ['import { connect }, minified by terser', (await minify(await bundled(connect), { module: true })).code, BUDGET],
    ['everything, minified by terser', (await minify(await bundled(all), { module: true })).code, BUDGET],
    ['import { connect }, minified by esbuild', await bundled(connect, { minify: true }), ESBUILD],
    ['everything, minified by esbuild', await bundled(all, { minify: true }), ESBUILD],
  ]) {
    const size = gzipSync(text, { level: 9 }).length;
    t.diagnostic(`${size} bytes: ${what}`);
    assert.ok(size <= budget, `${what}: ${size} bytes are more than ${budget}`);
  }
});

test('nothing happens on import: a page that uses nothing of it gets nothing', async () => {
  assert.equal((await bundled("import '@polywire/client';", { minify: true })).length, 0);
  const error = await bundled("export { PolywireError } from '@polywire/client';", { minify: true });
  assert.ok(error.length < 600, `an error's class brings ${error.length} bytes along`);
});
