/** Validates docs/asyncapi/asyncapi.yaml with the parser of the AsyncAPI project; what it finds is said, and ends it with 1. */
import { fileURLToPath } from 'node:url';
import { Parser, fromFile } from '@asyncapi/parser';

const file = fileURLToPath(new URL('../asyncapi/asyncapi.yaml', import.meta.url));
const { document, diagnostics } = await fromFile(new Parser(), file).parse();
const found = diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version'); // 3.0.0 is what tools read
for (const { code, path, message } of found) console.error(`${code}: ${path.join('/')}: ${message}`);
if (!document || found.length > 0) process.exit(1);
const { length } = document.allMessages().all();
console.log(`AsyncAPI ${document.version()}: ${length} messages, ${document.allOperations().all().length} operations`);
