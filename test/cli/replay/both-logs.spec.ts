import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import type { EventLog } from '../../../src/event-log/event-log.js';
import { openEventStoreLog } from '../../../src/event-log/eventstoredb/eventstoredb-event-log.js';
import { openSqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { INCIDENTS } from '../../replay/recording/incidents.js';
import { StoryClock } from '../../replay/recording/recording.js';
import { ProtocolServer } from '../../support/eventstore/protocol-server.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import type { Said } from '../command-line.js';
import { told } from '../in-this-process.js';

/** Positions of a shared store are byte offsets; these are told from every other number. */
const STORE_BEGINS = 5_000_000_000;
const POSITION = /\b5\d{9}\b/g;
/** Of events, commands and runs; and the commits of the recorded office, which it makes of positions, as it does process numbers. */
const ID = /\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{40,45})\b/g;

const newFolder = temporaryFolders();

/** One recorded incident in a log, and how its positions and ids are called in any log of this incident. */
interface Recorded {
  readonly place: string;
  /** Of its read models. */
  readonly tables: string;
  readonly events: readonly RecordedEvent[];
  readonly named: (text: string) => string;
}

let file: Recorded;
let store: Recorded;
let server: ProtocolServer;

beforeAll(async () => {
  const folder = await newFolder();
  server = await ProtocolServer.start({ holes: { first: STORE_BEGINS } });
  const path = join(folder, 'events.db');
  const clock = new StoryClock();
  file = await record(path, join(folder, 'file.db'), { clock, log: await openSqliteEventLog({ path, clock }) });
  const other = new StoryClock();
  const log = await openEventStoreLog({ url: server.url, clock: other });
  store = await record(server.url, join(folder, 'store.db'), { clock: other, log });
}, 120_000);

afterAll(() => server.down());

async function record(place: string, tables: string, at: { readonly clock: StoryClock; readonly log: EventLog }) {
  await INCIDENTS['orch-116-holds-orch-123'](at);
  const events = await at.log.readAll();
  await at.log.close();
  return { place, tables, events, named: namesIn(events, { place, tables }) };
}

/** What was derived from positions is called by the order in which the log names it first. */
function namesIn(events: readonly RecordedEvent[], { place, tables }: Pick<Recorded, 'place' | 'tables'>) {
  const positions = new Map(events.map(({ position }, index) => [String(position), String(index + 1)]));
  const ids = new Map<string, string>();
  for (const [id] of JSON.stringify(events).matchAll(ID)) {
    if (ids.has(id)) continue;
    ids.set(id, `id-${ids.size}`).set(id.slice(0, 8), `id-${ids.size}`);
  }
  return (text: string): string =>
    text
      .replaceAll(ID, (id) => ids.get(id) ?? id)
      .replaceAll(/\b[0-9a-f]{8}\b/g, (id) => ids.get(id) ?? id)
      .replaceAll(POSITION, (position) => positions.get(position) ?? position)
      .replaceAll(place, 'LOG')
      .replaceAll(tables, 'TABLES')
      .replace(/("(?:ms|perSecond|pid)":|process )\d+/g, '$10')
      .replace(/"(logId|hash|digest)":"[^"]*"/g, '"$1":""');
}

type Question = readonly (string | ((log: Recorded) => string))[];

const nth =
  (number: number) =>
  ({ events }: Recorded): string =>
    String(events[number - 1]?.position);
const idOf =
  (number: number) =>
  ({ events }: Recorded): string =>
    events[number - 1]?.id ?? '';
const firstJob = ({ events }: Recorded): string =>
  events.find(({ type }) => type === 'JobQueued')?.stream.replace('job-', '') ?? '';
const jobStream = (log: Recorded): string => `job-${firstJob(log)}`;
const tables = ({ tables: path }: Recorded): string => path;

const AT = '2026-03-02T13:00:00Z';

const QUESTIONS: readonly Question[] = [
  ['log', 'tail'],
  ['log', 'tail', '--task', 'ORCH-123'],
  ['log', 'tail', '--stream', jobStream],
  ['log', 'tail', '--type', 'JobClaimed', '--since', AT],
  ['log', 'tail', '--since', nth(100), '--until', nth(110)],
  ['log', 'show', nth(51)],
  ['log', 'show', idOf(156)],
  ['log', 'trace', 'ORCH-123'],
  ['log', 'trace', nth(156)],
  ['log', 'verify'],
  ['log', 'digest'],
  ['timeline', 'ORCH-123'],
  ['why', 'ORCH-123'],
  ['why', 'ORCH-123', '--at', AT],
  ['why', 'ORCH-123', '--at', nth(90)],
  ['queue', '--at', AT],
  ['queue', '--at', nth(99)],
  ['status', '--at', AT],
  ['replay', 'rebuild', '--read-models', tables],
  ['replay', 'verify', '--read-models', tables],
  ['replay', 'at', AT],
  ['replay', 'at', nth(99), '--task', 'ORCH-123'],
  ['replay', 'at', AT, '--queue'],
  ['replay', 'diff', nth(90), nth(99)],
  ['replay', 'diff', AT, '2026-03-02T16:00:00Z', '--task', 'ORCH-116'],
  ['replay', 'step', 'ORCH-123'],
  ['replay', 'step', 'jobs', '--key', firstJob],
  ['replay', 'blame', 'tasks', 'ORCH-123', 'admitted_at'],
  ['replay', 'what-if', '--set', 'ORCH_SERIAL_GATE_PAUSE_ENABLED=true'],
  ['replay', 'what-if', '--set', 'ORCH_MAX_CONCURRENCY=2', '--since', nth(60)],
];

const asked = (question: Question): string =>
  question.map((word) => (typeof word === 'string' ? word : word.name || '…')).join(' ');

function ask(log: Recorded, question: Question, place = log.place): Promise<Said> {
  const words = question.map((word) => (typeof word === 'string' ? word : word(log)));
  return told(...words, '--json', '--db', place);
}

describe('an incident in an event store', () => {
  test.each(QUESTIONS.map((question) => [asked(question), question] as const))(
    '%s is answered as of a file',
    async (_, question) => {
      const [ofFile, ofStore] = [await ask(file, question), await ask(store, question)];
      expect(store.named(ofStore.stdout)).toBe(file.named(ofFile.stdout));
      expect(ofStore).toMatchObject({ exitCode: ofFile.exitCode, stderr: store.named(ofFile.stderr) });
      expect(ofFile.stdout).not.toBe('');
      expect([0, 1]).toContain(ofFile.exitCode);
    },
  );
});

describe('a digest of an event store', () => {
  test('shows later that the log goes on from there, and that it was written anew, cut off, or is another one', async () => {
    const { stdout: digest } = await told('log', 'digest', '--db', store.place);
    const verified = (given: string): Promise<Said> =>
      told('log', 'verify', '--digest', given, '--db', store.place, '--json');
    expect(await verified(digest)).toMatchObject({ exitCode: 0 });
    const [, logId = '', position = '', hash = ''] = digest.split(':');
    const [earlier] = store.events.slice(-2);
    const spoilt = {
      'written anew': `orchestrator-log:${logId}:${position}:${hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))}`,
      'the log ends here': `orchestrator-log:${logId}:${Number(position) + 200}:${hash}`,
      'is not there any more': `orchestrator-log:${logId}:${(earlier?.position ?? 0) + 1}:${hash}`,
      'and this is': `orchestrator-log:${logId.replaceAll(/[1-9]/g, '0')}:${position}:${hash}`,
    };
    for (const [sentence, given] of Object.entries(spoilt)) {
      const { exitCode, stderr } = await verified(given);
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(sentence) });
    }
  });
});

async function imported(...scope: readonly string[]): Promise<string> {
  const folder = await newFolder();
  const [bundle, copy] = [join(folder, 'bundle.ndjson'), join(folder, 'copy.db')];
  expect(await told('log', 'export', ...scope, '-o', bundle, '--db', store.place)).toMatchObject({ exitCode: 0 });
  expect(await told('log', 'import', bundle, '--db', copy)).toMatchObject({ exitCode: 0, stderr: '' });
  return copy;
}

describe('a bundle from an event store', () => {
  const about: readonly Question[] = [
    ['log', 'show', idOf(156)],
    ['timeline', 'ORCH-123'],
    ['why', 'ORCH-123', '--at', AT],
    ['queue', '--at', nth(99)],
  ];

  test.each([
    ['of a task', ['--task', 'ORCH-123']],
    ['of a repository', ['--repo', 'orchestrator', '--until', '2026-03-03T00:00:00Z']],
    ['of everything', []],
  ])('%s is imported into a file, is intact, and answers as the store does', async (_, scope) => {
    const copy = await imported(...scope);
    expect(await told('log', 'verify', '--db', copy)).toMatchObject({ exitCode: 0 });
    for (const question of scope.includes('--repo') ? about.slice(-2) : about) {
      const [again, original] = [await ask(store, question, copy), await ask(store, question)];
      expect({ question, ...again }).toEqual({ question, ...original });
    }
  });

  test('without the texts is intact, too', async () => {
    expect(await told('log', 'verify', '--db', await imported('--task', 'ORCH-123', '--redact'))).toMatchObject({
      exitCode: 0,
    });
  });

  test('has the same events as one from a file', async () => {
    const folder = await newFolder();
    const exported = async ({ place, named }: Recorded): Promise<readonly string[]> => {
      const output = join(folder, `${place === file.place}.ndjson`);
      await told('log', 'export', '--task', 'ORCH-123', '-o', output, '--db', place);
      const { stdout } = await told('log', 'import', output, '--db', `${output}.db`, '--json');
      expect(JSON.parse(stdout)).toMatchObject({ scope: { task: 'ORCH-123' }, redacted: false });
      return (await told('log', 'tail', '--json', '--db', `${output}.db`)).lines.map(named);
    };
    expect(await exported(store)).toEqual(await exported(file));
  });

  test('is not imported into an event store, which gives out positions itself', async () => {
    const bundle = join(await newFolder(), 'bundle.ndjson');
    await told('log', 'export', '-o', bundle, '--db', store.place);
    const { exitCode, stderr } = await told('log', 'import', bundle, '--db', store.place);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr:
        'A bundle keeps the positions of its events, and an event store gives them out itself: name a new file with --db',
    });
  });
});
