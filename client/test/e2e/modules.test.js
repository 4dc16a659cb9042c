/** What a browser is given: the client as the server at POLYWIRE_URL serves it, in one file. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { URL_GIVEN } from '../support/server.js';

const FILE = new URL('../../dist/client.js', import.meta.url);

test('the bundle is served as it is, and asks for nothing else', { skip: !URL_GIVEN && 'POLYWIRE_URL is not set' }, async () => {
  const response = await fetch(`${URL_GIVEN}/client.js`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('Content-Type'), /^text\/javascript/);
  const text = await response.text();
  assert.ok(text === readFileSync(FILE, 'utf8'), 'another file than dist/client.js');
  assert.doesNotMatch(text, /\bimport\s*['"({*]|\bfrom\s*['"]/);
  assert.equal((await fetch(`${URL_GIVEN}/engine.js`)).status, 404, 'its modules are no addresses');
});
