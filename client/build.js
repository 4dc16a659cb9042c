/**
 * Makes `dist/client.js`, the file that packages and servers give out: all modules in one, minified. Run by `npm run build`.
 * It is kept in the repository, so that Maven needs no Node; a test compares it with what this makes of the sources.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';

/**
 * Properties that get a short name in the bundle. Each is a name of ours alone: no field of a frame, no option, nothing
 * that an application sees, and nothing that the platform calls so on an object that we use (a test looks for all of that).
 */
export const INTERNAL = `
  accepted ask batch better calls check checked closed control current dial drift drop emit end ended expect failed
  failure flush forget fresh greet hasten heard hello hurried hurry idle machine note offered opened outcome
  over oversize oversized pin pinned plan poll policy probe probeDelay probeFailed queued refuse refused remembered resuming rhythm settle
  stale start take taken tally tell texts thrown timers told trial tried turn upgrade waiting wake watch welcome welcomed wires withdraw
`.trim().split(/\s+/);

const FILE = new URL('dist/client.js', import.meta.url);

/**
 * The text of the bundle. esbuild puts the modules together and shortens properties; terser gives names that compress better,
 * as it uses the same few in every function.
 */
export async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('src/client.js', import.meta.url))],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    // A leading underscore marks what is internal although another module uses it.
    mangleProps: new RegExp(`^(_[a-z]\\w*|${INTERNAL.join('|')})$`),
    write: false,
  });
  const { code } = await minify(outputFiles[0].text, {
    module: true,
    ecma: 2020,
    // Functions stay where they are, at the top: esbuild, should it bundle this, finds shorter names for what is less deep.
    compress: {
      passes: 2, sequences: false, hoist_funs: true, reduce_funcs: false, keep_fargs: false, unsafe_arrows: true, pure_getters: true,
    },
  });
  return code + '\n';
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  mkdirSync(new URL('.', FILE), { recursive: true });
  writeFileSync(FILE, await bundle());
}
