/** What is published: the bundle, the sources it was made of, their types, and nothing else. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const TOP = new URL('../../', import.meta.url);
const run = promisify(execFile);
const options = { cwd: fileURLToPath(TOP), maxBuffer: 1 << 24, env: { ...process.env, npm_config_loglevel: 'error', npm_config_update_notifier: 'false' } };
const { exports } = JSON.parse(readFileSync(new URL('package.json', TOP), 'utf8'));
const targets = (value) => (typeof value === 'string' ? [value] : Object.values(value).flatMap(targets));

test('npm pack: the bundle, sources, types for each of them, what exports name, and nothing of the tests', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], options); // prepack makes the types
  const [{ files }] = JSON.parse(stdout.slice(stdout.indexOf('[')));
  const paths = new Set(files.map(({ path }) => path));
  for (const file of ['LICENSE', 'README.md', 'package.json']) assert.ok(paths.has(file), file);
  for (const file of readdirSync(new URL('src/', TOP))) {
    assert.ok(paths.has(`src/${file}`), file);
    assert.ok(paths.has(`types/${file.replace('.js', '.d.ts')}`), `types of ${file}`);
  }
  for (const file of readdirSync(new URL('react/', TOP)).filter((name) => name.endsWith('.js'))) {
    assert.ok(paths.has(`react/${file}`), file);
    assert.ok(paths.has(`types/react/${file.replace('.js', '.d.ts')}`), `types of ${file}`);
  }
  assert.equal(exports['.'].default, './dist/client.js', 'what tests run');
  for (const target of targets(exports)) assert.ok(paths.has(target.replace('./', '')), `${target}, which exports name`);
  for (const path of paths) assert.match(path, /^(src|types|react)\/|^dist\/client\.js$|^(LICENSE|README\.md|package\.json)$/);
});

test('types: what is wrong does not compile, what is right does, and what is inferred has names that the package exports', async () => {
  assert.ok(existsSync(new URL('types/client.d.ts', TOP)), 'made by the test before');
  for (const file of ['channel', 'client']) assert.doesNotMatch(readFileSync(new URL(`types/${file}.d.ts`, TOP), 'utf8'), /\b_\w+:|@internal/);
  // Node's types have fetch and WebSocket, but not everything that goes with them in browsers.
  for (const file of readdirSync(new URL('types/', TOP)).filter((name) => name.endsWith('.ts'))) {
    assert.doesNotMatch(readFileSync(new URL(`types/${file}`, TOP), 'utf8'), /\bRequest(Credentials|Init|Info)\b/, file);
  }
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const folder = fileURLToPath(new URL('target/declarations', TOP));
  const emit = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--rootDir', 'test/package', '--outDir', folder];
  await run(process.execPath, [tsc, '-p', 'test/package', ...emit], options).catch(({ stdout, stderr }) => assert.fail(stdout + stderr));
  const inferred = readFileSync(`${folder}/wrapper.d.ts`, 'utf8');
  for (const [, from] of inferred.matchAll(/(?:import\(|from )"([^"]+)"/g)) assert.match(from, /^@polywire\/client(\/react)?$/, inferred);
});
