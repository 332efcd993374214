/** `node --import ./test/support/typescript.mjs test/support/simulation/main.ts <file> <events> [seed]` */
import { simulateLogFile } from './simulate.js';

const [path, events, seed] = process.argv.slice(2);
if (!path || !events) throw new Error('Name the file to be made and how many events it is to have');
const made = await simulateLogFile(path, { events: Number(events), seed: Number(seed ?? 1) });
process.stdout.write(`${made}\n`);
