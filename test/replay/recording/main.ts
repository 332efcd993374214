import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { INCIDENTS, type Incident } from './incidents.js';
import { textOf } from './log-text.js';

/** `node --import ./test/support/typescript.mjs test/replay/recording/main.ts <incident>…`: records incidents, all of them when none is named. */
const asked = process.argv.slice(2) as Incident[];
for (const name of asked.length > 0 ? asked : (Object.keys(INCIDENTS) as Incident[])) {
  const file = fileURLToPath(new URL(`../incidents/${name}.ndjson`, import.meta.url));
  const { log } = await INCIDENTS[name]();
  await writeFile(file, await textOf(log));
  console.log(`${await log.head()} events in ${file}`);
}
