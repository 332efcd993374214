import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection } from '../../../src/projections/engine/connection.js';
import { incident, intoFile } from '../../replay/recording/log-text.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { told } from '../in-this-process.js';

const PAGE = await readFile(new URL('../../../docs/json.md', import.meta.url), 'utf8');
const ROW = /^\| `(?<command>[^`]+)`(?: \(`?(?<kind>[a-z-]+)`?\))? \| (?<what>.*) \| `(?<keys>[^`]+)` \|$/gm;

interface Documented {
  readonly name: string;
  readonly keys: readonly string[];
}

const documented: readonly Documented[] = [...PAGE.matchAll(ROW)].map(({ groups = {} }) => ({
  name: [groups['command'], groups['kind']].filter((part) => part !== undefined).join(' '),
  keys: (groups['keys'] ?? '').split(' '),
}));

const folders = temporaryFolders();
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  'log tail': ['log', 'tail'],
  'log show': ['log', 'show', '50'],
  'log trace': ['log', 'trace', '156'],
  'log verify': ['log', 'verify'],
  'log verify broken': ['log', 'verify', '--digest', `orchestrator-log:${'0'.repeat(32)}:9:${'0'.repeat(64)}`],
  'log digest': ['log', 'digest'],
  timeline: ['timeline', 'ORCH-123'],
  why: ['why', 'ORCH-123', '--at', '100'],
  queue: ['queue', '--at', '100'],
  status: ['status', '--at', '100'],
  'replay rebuild': ['replay', 'rebuild'],
  'replay at': ['replay', 'at', '100'],
  'replay at --task': ['replay', 'at', '100', '--task', 'ORCH-123'],
  'replay at --queue': ['replay', 'at', '100', '--queue'],
  'replay diff': ['replay', 'diff', '90', '99'],
  'replay step': ['replay', 'step', 'ORCH-123'],
  'replay blame': ['replay', 'blame', 'tasks', 'ORCH-123', 'stage', '--history'],
  'replay what-if': ['replay', 'what-if', '--set', 'ORCH_SERIAL_GATE_PAUSE_ENABLED=true', 'ORCH_PORT=1'],
};

/** By name, the keys of everything that was printed. */
const printed = new Map<string, Set<string>>();

async function ask(name: string, args: readonly string[]): Promise<void> {
  const { lines } = await told(...args, '--json');
  for (const line of lines) {
    const object = JSON.parse(line) as { readonly kind?: string };
    const full = object.kind === undefined ? name : `${name} ${object.kind}`;
    printed.set(full, (printed.get(full) ?? new Set()).add(Object.keys(object).join(' ')));
  }
}

beforeAll(async () => {
  const folder = await folders();
  const db = join(folder, 'events.db');
  await intoFile(db, await incident('orch-116-holds-orch-123'));
  for (const [name, args] of Object.entries(QUESTIONS)) await ask(name, [...args, '--db', db]);
  const bundle = join(folder, 'bundle.ndjson');
  await ask('log export', ['log', 'export', '-o', bundle, '--db', db]);
  await ask('log import', ['log', 'import', bundle, '--db', join(folder, 'copy.db')]);
  const tables = await Connection.open(join(folder, 'read-models.db'), 'write');
  await tables.all("UPDATE tasks SET stage = 'done' WHERE work_item_id = 'ORCH-123'");
  await tables.close();
  await ask('replay verify', ['replay', 'verify', '--db', db]);
}, 60_000);

/** Only a broken build prints it. */
const NOT_HERE = ['replay verify decision'];

const sorted = (keys: Iterable<string>): readonly string[] => [...keys].sort();

describe('the page on --json', () => {
  test.each(documented.filter(({ name }) => !NOT_HERE.includes(name)).map((row) => [row.name, row] as const))(
    'names the keys of %s, and no others',
    (name, { keys }) => {
      const found = [...(printed.get(name) ?? [])].map((text) => sorted(text.split(' ')));
      expect(found.length).toBeGreaterThan(0);
      for (const one of found) expect(one).toEqual(sorted(keys));
    },
  );

  test('leaves out nothing that is printed', () => {
    const same = ['replay what-if claim'];
    const named = documented.map(({ name }) => name);
    expect([...printed.keys()].filter((name) => !named.includes(name) && !same.includes(name))).toEqual([]);
  });
});
