/** What the client's sources must not do, whatever comes from a server: run it, or make a page of it. */
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';

const SOURCES = new URL('../src/', import.meta.url);
const FORBIDDEN = [
  /\beval\s*\(/,
  /\bFunction\s*\(/,
  /\b(?:setTimeout|setInterval)\s*\(\s*['"`]/,
  /\b(?:innerHTML|outerHTML|insertAdjacentHTML|srcdoc)\b/,
  /\bdocument\s*\.\s*write/,
  /\bimport\s*\(/,
];

/** Without comments, in which such words are harmless, as are the imports of types. @param {string} source */
const code = (source) => source.replace(/\/\*[^]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');

const found = (source) => FORBIDDEN.filter((pattern) => pattern.test(code(source))).map(String);

test('no source evaluates text, or makes HTML of it', async () => {
  const files = (await readdir(SOURCES)).filter((name) => name.endsWith('.js'));
  assert.ok(files.length > 15, `${files.length} files`);
  for (const name of files) {
    assert.deepEqual(found(await readFile(new URL(name, SOURCES), 'utf8')), [], name);
  }
});

test('what is looked for is found', () => {
  for (const bad of ['eval(x)', 'new Function(x)', "setTimeout('x', 1)", 'e.innerHTML = x', 'document.write(x)', 'await import(x)']) {
    assert.equal(found(`const a = 1; // fine\n${bad};`).length, 1, bad);
  }
  assert.deepEqual(found("/** eval(x) {import('./x.js').X} */\n// innerHTML\nsetTimeout(() => 1, 2);"), []);
});

test('sources import nothing but each other, by relative paths, and need nothing that only Node has: browsers and Deno load them as they are', async () => {
  for (const name of (await readdir(SOURCES)).filter((file) => file.endsWith('.js'))) {
    const source = code(await readFile(new URL(name, SOURCES), 'utf8'));
    for (const [, from] of source.matchAll(/(?:\bfrom|\bimport)\s*['"]([^'"]*)['"]/g)) assert.match(from, /^\.\/[a-z]+\.js$/, name);
    for (const global of ['process', 'Buffer', 'require', '__dirname', 'global', 'window', 'setImmediate']) {
      assert.doesNotMatch(source, new RegExp(`(?<![\\w.'#])${global}\\b(?!')`), `${name}: ${global}`);
    }
  }
});
