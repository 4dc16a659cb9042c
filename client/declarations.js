/**
 * Makes the generated types fit for publishing. Takes out what only our own modules use: members whose names begin with an
 * underscore, and the parameters of constructors that are marked as internal (TypeScript's `stripInternal` leaves what it made
 * of JavaScript). Lets the types of the React kit name those of the client from where they are. And hands on types of other
 * modules as they are, not under a second name: what an application's own types are inferred from is then what we export.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const MEMBER = /^ +(\/\*\*[^\n]*\*\/\n +)?(\/\*\*[^\n]*\*\/ )?_\w+: [^\n]*;\n/gm;
const CONSTRUCTOR = /\/\*\*(?:(?!\*\/)[^])*@internal(?:(?!\*\/)[^])*\*\/\s*constructor\([^\n]*\);/g;
const ALIAS = /^export type (\w+)(?:<.*>)? = import\(("[^"]+")\)\.\1(?:<.*>)?;$/gm;
const CLIENT = /"\.\.\/types\/(\w+)(\.js)?"/g;

for (const folder of ['types/', 'types/react/'].map((name) => new URL(name, import.meta.url))) {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.d.ts'))) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const fit = text.replace(MEMBER, '').replace(CONSTRUCTOR, 'private constructor();').replace(CLIENT, '"../$1.js"');
    writeFileSync(new URL(file, folder), fit.replace(ALIAS, (_, name, from) => (
      `import type { ${name} } from ${from};\nexport type { ${name} };`
    )));
  }
}
