import { beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { openSqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { simulateLogFile } from '../../support/simulation/simulate.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { told } from '../in-this-process.js';

const folders = temporaryFolders();

let db: string;
let events: readonly RecordedEvent[];

beforeAll(async () => {
  db = join(await folders(), 'events.db');
  await simulateLogFile(db, { events: 900 });
  const log = await openSqliteEventLog({ path: db, clock: { now: () => Date.now() }, readOnly: true });
  events = await log.readAll();
  await log.close();
});

function run(...args: readonly string[]) {
  return told(...args, '--db', db);
}

function first(type: string): RecordedEvent {
  const found = events.find((event) => event.type === type);
  if (!found) throw new Error(`The simulation has no ${type}`);
  return found;
}

describe('log show', () => {
  test('shows an event with its cause and what it caused, by position or by id', async () => {
    const delivery = first('DeliveryReceived');
    const caused = events.filter(({ metadata }) => metadata.$causationId === delivery.id);
    for (const named of [String(delivery.position), delivery.id]) {
      const { lines, exitCode } = await run('log', 'show', named, '--json');
      expect(exitCode).toBe(0);
      const shown = JSON.parse(lines[0] ?? '');
      expect(shown).toMatchObject({
        id: delivery.id,
        data: delivery.data,
        metadata: delivery.metadata,
        causedBy: null,
      });
      expect(shown.caused.map(({ id }: { id: string }) => id)).toEqual(caused.map(({ id }) => id));
    }
  });

  test('for people: facts, neighbours with the time between, and both payloads', async () => {
    const entered = first('StatusEntered');
    const { stdout } = await run('log', 'show', String(entered.position));
    expect(stdout).toContain(`stream          ${entered.stream}, revision ${entered.revision}`);
    expect(stdout).toMatch(/caused by\n\d+ +-\d+ ms +DeliveryReceived/);
    expect(stdout).toContain(`"itemId": "${(entered.data as { itemId: string }).itemId}"`);
    expect(stdout).toContain(`"commandId": "${entered.metadata.commandId}"`);
  });

  test.each([
    ['a position beyond the end', '999999999', 1, /no event at position 999999999; its newest is at position \d+$/],
    ['an unknown id', '00000000-0000-4000-8000-000000000000', 1, /no event with the id 0{8}-/],
    ['no event at all', 'SHOP-001', 2, /neither a position of the log nor the id of an event$/],
  ])('%s is answered with one sentence', async (_, named, exitCode, sentence) => {
    const answer = await run('log', 'show', named);
    expect(answer.exitCode).toBe(exitCode);
    expect(answer.stderr).toMatch(sentence);
  });
});

describe('log trace', () => {
  test('every event of a work item below what caused it, with the time that took', async () => {
    const workItem = first('TaskOpened').metadata.$correlationId;
    const { lines } = await run('log', 'trace', workItem, '--json');
    const nodes = lines.map((line) => JSON.parse(line));
    const own = events.filter(({ metadata }) => metadata.$correlationId === workItem);
    const ids = nodes.map(({ id }) => id as string);
    expect(new Set(ids)).toEqual(new Set([...ids, ...own.map(({ id }) => id)]));
    const at = new Map(nodes.map((node, index) => [node.id, { node, index }]));
    for (const [index, { causationId, depth, recordedAt, latencyMs }] of nodes.entries()) {
      const cause = at.get(causationId);
      if (!cause) expect({ depth, latencyMs }).toEqual({ depth: 0, latencyMs: null });
      else {
        expect(cause.index).toBeLessThan(index);
        expect(depth).toBe(cause.node.depth + 1);
        expect(latencyMs).toBe(Date.parse(recordedAt) - Date.parse(cause.node.recordedAt));
      }
    }
  });

  test('begins with the delivery that started it, although that belongs to no work item', async () => {
    const { stdout } = await run('log', 'trace', first('TaskOpened').metadata.$correlationId);
    expect(stdout.split('\n')[0]).toMatch(/^ +\d+ +\d{4}-.*Z +DeliveryReceived/);
    expect(stdout).toMatch(/\n +\d+ +\+\d+ ms {4}TaskOpened|\n +\d+ +\+\d+ ms {6}TaskOpened/);
  });

  test('of one event: everything that it brought about, across work items, and nothing else', async () => {
    const root = first('TaskRequested');
    const meant = new Set([root.id]);
    for (const event of events) if (meant.has(event.metadata.$causationId ?? '')) meant.add(event.id);
    const { lines } = await run('log', 'trace', root.id, '--json');
    expect(new Set(lines.map((line) => JSON.parse(line).id))).toEqual(meant);
    expect(meant.size).toBeGreaterThan(8);
  });

  test('an unknown work item is answered with one sentence', async () => {
    const { exitCode, stderr } = await run('log', 'trace', 'SHOP-9999');
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: 'The log has no event of SHOP-9999' });
  });
});

describe('log digest', () => {
  test('prints one line that log verify takes back', async () => {
    const { stdout: digest } = await run('log', 'digest');
    expect(digest).toMatch(/^orchestrator-log:[0-9a-f]{32}:\d+:[0-9a-f]{64}$/);
    const { exitCode, stdout } = await run('log', 'verify', '--digest', digest);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`It continues the digest of position ${events.length}`);
  });

  test('a digest from beyond the end says that events are gone', async () => {
    const { stdout: digest } = await run('log', 'digest');
    const later = digest.replace(`:${events.length}:`, `:${events.length + 5}:`);
    const { exitCode, stderr } = await run('log', 'verify', '--digest', later);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`broken at position ${events.length + 1}: the log ends at ${events.length}`);
  });

  test('what is no digest is wrong usage', async () => {
    expect(await run('log', 'verify', '--digest', 'abc')).toMatchObject({ exitCode: 2 });
  });
});
