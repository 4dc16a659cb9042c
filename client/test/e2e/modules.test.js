/** What a browser is given: the client as the server at POLYWIRE_URL serves it, one request for each module. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { URL_GIVEN } from '../support/server.js';

const source = new URL('../../src/', import.meta.url);

test('every module is served as it is', { skip: !URL_GIVEN && 'POLYWIRE_URL is not set' }, async () => {
  for (const file of readdirSync(source)) {
    const response = await fetch(`${URL_GIVEN}/${file}`);
    assert.equal(response.status, 200, file);
    assert.match(response.headers.get('Content-Type'), /^text\/javascript/);
    assert.equal(await response.text(), readFileSync(new URL(file, source), 'utf8'), file);
  }
});
