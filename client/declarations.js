/**
 * Takes out of the generated types what only our own modules use: members whose names begin with an underscore, and the
 * parameters of constructors that are marked as internal. (TypeScript's `stripInternal` leaves what it made of JavaScript.)
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const FOLDER = new URL('types/', import.meta.url);
const MEMBER = /^ +(\/\*\*[^\n]*\*\/\n +)?(\/\*\*[^\n]*\*\/ )?_\w+: [^\n]*;\n/gm;
const CONSTRUCTOR = /\/\*\*(?:(?!\*\/)[^])*@internal(?:(?!\*\/)[^])*\*\/\s*constructor\([^\n]*\);/g;

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.d.ts'))) {
  const text = readFileSync(new URL(file, FOLDER), 'utf8');
  writeFileSync(new URL(file, FOLDER), text.replace(MEMBER, '').replace(CONSTRUCTOR, 'private constructor();'));
}
