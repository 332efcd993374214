import { incident, intoFile } from './log-text.js';

/** `node --import ./test/support/typescript.mjs test/replay/recording/open.ts <incident> <file>`: a committed incident as a log file to look into. */
const [name, path] = process.argv.slice(2);
if (!name || !path) throw new TypeError('Name the incident and the file to be made');
await intoFile(path, await incident(name));
