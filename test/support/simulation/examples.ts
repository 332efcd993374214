/** `node --import ./test/support/typescript.mjs test/support/simulation/examples.ts`: adds examples of types and versions that have none. */
import { readFile, writeFile } from 'node:fs/promises';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { simulate } from './simulate.js';

const FILE = new URL('../../fixtures/events/examples.ndjson', import.meta.url);
const EVENTS = 150_000;

const before = await readFile(FILE, 'utf8').catch(() => '');
const known = new Set(linesOf(before).map((line) => kindOf(JSON.parse(line) as RecordedEvent)));
const added: RecordedEvent[] = [];
const streams = new Map<string, RecordedEvent[]>();

await simulate(
  {
    write: (event) => {
      streams.set(event.stream, [...(streams.get(event.stream) ?? []), event].slice(-2_000));
      if (known.has(kindOf(event))) return Promise.resolve();
      known.add(kindOf(event));
      return Promise.resolve(void added.push(event));
    },
    readStream: (stream, after) =>
      Promise.resolve((streams.get(stream) ?? []).filter(({ revision }) => revision > after)),
  },
  { events: EVENTS },
);
await writeFile(FILE, [...linesOf(before), ...added.map((event) => JSON.stringify(event))].join('\n') + '\n');
process.stdout.write(`${added.map(kindOf).join(', ') || 'nothing'} added\n`);

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

function kindOf({ type, metadata }: RecordedEvent): string {
  return `${type} ${metadata.schemaVersion}`;
}
