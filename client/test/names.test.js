/** The properties that are shortened in the bundle: none may be a name that somebody else knows. */
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';

const TOP = new URL('../', import.meta.url);
const text = (path) => readFile(new URL(path, TOP), 'utf8');

/** The list, read as text: what else the script needs may not be installed. */
const internal = async () => (await text('build.js')).match(/INTERNAL = `([^`]*)`/)[1].trim().split(/\s+/);

const keys = (value, found = new Set()) => {
  if (typeof value !== 'object' || value === null) return found;
  for (const [name, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) found.add(name);
    keys(inner, found);
  }
  return found;
};

test('none is a field of a frame', async () => {
  const folder = '../core/src/test/resources/golden/';
  const files = (await readdir(new URL(folder, TOP))).filter((name) => name.endsWith('.json'));
  assert.ok(files.length > 20);
  const known = new Set();
  for (const file of files) for (const name of keys(JSON.parse(await text(folder + file)))) known.add(name);
  for (const name of ['heartbeat', 'received', 'retryAfter']) assert.ok(known.has(name), name);
  assert.deepEqual((await internal()).filter((name) => known.has(name)), []);
});

test('none is a name of the platform, on anything that the client uses', async () => {
  const known = new Set();
  for (const { prototype } of [
    Object, Function, Array, Map, Set, String, Number, RegExp, Promise, Error, URL, AbortController, AbortSignal, Response, Headers,
    TextDecoder, TextEncoder, Event, EventTarget,
  ]) for (const name of Object.getOwnPropertyNames(prototype)) known.add(name);
  for (const place of [Object, Array, Promise, JSON, Math, console, globalThis, [].values(), async function* () {}.prototype]) {
    for (let at = place; at; at = Object.getPrototypeOf(at)) for (const name of Object.getOwnPropertyNames(at)) known.add(name);
  }
  // Of WebSocket, fetch, streams, storage, page and events.
  for (const name of 'onopen onmessage onclose onerror readyState send close data reason code wasClean method cache credentials headers body signal keepalive getReader read cancel value done stream localStorage getItem setItem hidden persisted location href document capture once passive'.split(' ')) known.add(name);
  assert.deepEqual((await internal()).filter((name) => known.has(name)), []);
});

test('none is an option, or what an application sees of a connection, a channel, a message or an event', async () => {
  const source = await Promise.all(['options.js', 'types.js', 'channel.js', 'client.js', 'errors.js', 'presence.js'].map((name) => text('src/' + name)));
  const [options, types, channel, client, errors] = source;
  const known = new Set();
  const add = (from, pattern) => {
    for (const [, name] of from.matchAll(pattern)) known.add(name);
  };
  add(options, /@property \{.*?\} \[?(\w+)/g);
  add(channel.slice(0, channel.indexOf('object} Host')), /@property \{.*?\} \[?(\w+)/g);
  const seen = types.slice(types.indexOf('@typedef {object} Subscribed'));
  for (const pattern of [/@property \{.*\} \[?(\w+)/g, /(\w+)\??:/g]) add(seen, pattern);
  for (const of of [channel, client]) add(of, /^ {2,4}(?:this\.|get )([a-z]\w*)/gm);
  for (const of of [channel, client]) for (const pattern of [/\[options\.(\w+)\]/g, /(\w+)\?:/g]) add(of, pattern);
  add(errors, /this\.(\w+) =/g);
  for (const name of ['token', 'publish', 'messages', 'transport', 'retryAfter', 'needsConfirm', 'expiresIn', 'sessionId', 'echo']) assert.ok(known.has(name), name);
  assert.deepEqual((await internal()).filter((name) => known.has(name)), []);
});
