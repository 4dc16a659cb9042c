/**
 * Makes the generated types fit for publishing. Takes out what only our own modules use: members whose names begin with an
 * underscore, and the parameters of constructors that are marked as internal (TypeScript's `stripInternal` leaves what it made
 * of JavaScript). And lets the types of the React kit name those of the client from where they are.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const MEMBER = /^ +(\/\*\*[^\n]*\*\/\n +)?(\/\*\*[^\n]*\*\/ )?_\w+: [^\n]*;\n/gm;
const CONSTRUCTOR = /\/\*\*(?:(?!\*\/)[^])*@internal(?:(?!\*\/)[^])*\*\/\s*constructor\([^\n]*\);/g;
const CLIENT = /"\.\.\/types\/(\w+)(\.js)?"/g;

for (const folder of ['types/', 'types/react/'].map((name) => new URL(name, import.meta.url))) {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.d.ts'))) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const fit = text.replace(MEMBER, '').replace(CONSTRUCTOR, 'private constructor();').replace(CLIENT, '"../$1.js"');
    writeFileSync(new URL(file, folder), fit);
  }
}
