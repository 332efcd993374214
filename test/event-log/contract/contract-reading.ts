import { expect, test } from '@jest/globals';
import type { EventLog } from '../../../src/event-log/event-log.js';
import type { LogUnderTest } from './contract.js';
import { appendTo, manyEvents, nameOf, newEvent } from './events.js';

export function describeReading(underTest: LogUnderTest): void {
  describeEvents(underTest);
  describeStreams(underTest);
  describeAll(underTest);
  describeFilters(underTest);
}

function describeEvents({ open }: LogUnderTest): void {
  test('an event is given back whole, with its place and the time of the one clock', async () => {
    const log = await open({ clock: { now: () => Date.parse('2026-03-01T12:00:00.250Z') } });
    const event = newEvent('a', {
      data: { text: 'ü "quoted" \u2028 \\ 🐟', list: [1, 2.5, null], nested: { deep: true } },
    });
    const [position] = await appendTo(log, 'task-1', 'no-stream', event);
    const recorded = { ...event, position, stream: 'task-1', revision: 0, recordedAt: '2026-03-01T12:00:00.250Z' };
    expect(await log.readStream('task-1')).toEqual([recorded]);
    expect(await log.readEvent(event.id)).toEqual(recorded);
  });

  test('an event that nobody appended is null', async () => {
    const log = await open();
    expect(await log.readEvent(newEvent('never').id)).toBeNull();
  });

  test('an event is read in its newest schema version', async () => {
    const log = await open({ upcasts: { TaskCreated: { 1: (data) => ({ ...data, added: true }) } } });
    await appendTo(log, 'task-1', 'no-stream', newEvent('a'), newEvent('b', { type: 'TaskPaused' }));
    const [upcast, untouched] = await log.readAll();
    expect(upcast).toMatchObject({ data: { name: 'a', added: true }, metadata: { schemaVersion: 2 } });
    expect(untouched).toMatchObject({ data: { name: 'b' }, metadata: { schemaVersion: 1 } });
  });
}

function describeStreams({ open }: LogUnderTest): void {
  test('a stream is read in pages forwards', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', ...manyEvents('a', 5));
    await appendTo(log, 'task-2', 'no-stream', ...manyEvents('other', 5));
    const first = await log.readStream('task-1', { limit: 2 });
    const second = await log.readStream('task-1', { after: 1, limit: 2 });
    const third = await log.readStream('task-1', { after: 3, limit: 2 });
    const pages = [first, second, third].map((page) => page.map((event) => event.revision));
    expect(pages).toEqual([[0, 1], [2, 3], [4]]);
    expect(await log.readStream('task-1', { after: 4 })).toEqual([]);
  });

  test('a stream is read in pages backwards', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', ...manyEvents('a', 5));
    const last = await log.readStream('task-1', { direction: 'backwards', limit: 2 });
    const before = await log.readStream('task-1', { direction: 'backwards', limit: 9, after: 3 });
    expect([last, before].map((page) => page.map((event) => event.revision))).toEqual([
      [4, 3],
      [2, 1, 0],
    ]);
    expect(await log.readStream('task-1', { direction: 'backwards', after: 0 })).toEqual([]);
  });

  test('an unknown stream is empty in both directions', async () => {
    const log = await open();
    expect(await log.readStream('task-9')).toEqual([]);
    expect(await log.readStream('task-9', { direction: 'backwards' })).toEqual([]);
  });
}

function describeAll({ open }: LogUnderTest): void {
  test('the whole log is read in pages in both directions', async () => {
    const log = await open();
    const positions = await appendTo(log, 'task-1', 'no-stream', ...manyEvents('a', 5));
    const forwards = await log.readAll({ after: positions[1] ?? 0, limit: 2 });
    const backwards = await log.readAll({ after: positions[3] ?? 0, limit: 2, direction: 'backwards' });
    expect(forwards.map((event) => event.position)).toEqual(positions.slice(2, 4));
    expect(backwards.map((event) => event.position)).toEqual([positions[2], positions[1]]);
    const fromTheEnd = await log.readAll({ direction: 'backwards', limit: 1 });
    expect(fromTheEnd.map((event) => event.position)).toEqual(positions.slice(-1));
  });

  test('a page has a thousand events at most', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', ...manyEvents('a', 1_200));
    const first = await log.readAll({ limit: 5_000 });
    expect(first).toHaveLength(1_000);
    expect(await log.readAll({ after: first.at(-1)?.position ?? 0 })).toHaveLength(200);
    expect(await log.readStream('task-1')).toHaveLength(1_000);
  });
}

function describeFilters({ open }: LogUnderTest): void {
  test.each([
    ['one type', { types: ['TaskPaused'] }, ['b', 'f']],
    ['several types', { types: ['TaskPaused', 'JobQueued'] }, ['b', 'c', 'd', 'f']],
    ['no type at all', { types: [] }, []],
    ['the prefix of a category', { streamPrefix: 'job-' }, ['c', 'd']],
    ['the prefix of one stream', { streamPrefix: 'task-1' }, ['a', 'b', 'e']],
    ['a work item', { correlationId: 'ORCH-002' }, ['d', 'f']],
    ['everything together', { types: ['JobQueued'], streamPrefix: 'job-', correlationId: 'ORCH-001' }, ['c']],
  ])('the log is read by %s, in pages and in both directions', async (_, filter, names) => {
    const log = await open();
    await appendMixture(log);
    expect((await log.readAll(filter)).map(nameOf)).toEqual(names);
    expect((await log.readAll({ ...filter, direction: 'backwards' })).map(nameOf)).toEqual([...names].reverse());
    const [first] = await log.readAll({ ...filter, limit: 1 });
    const rest = await log.readAll({ ...filter, after: first?.position ?? 0 });
    expect([first, ...rest].flatMap((event) => (event ? [nameOf(event)] : []))).toEqual(names);
  });

  test('a prefix is taken letter by letter, not as a pattern', async () => {
    const log = await open();
    await appendTo(log, 'inbox-plane-a', 'no-stream', newEvent('a'));
    await appendTo(log, 'inbox_plane-b', 'no-stream', newEvent('b'));
    await appendTo(log, 'Inbox-plane-c', 'no-stream', newEvent('c'));
    expect((await log.readAll({ streamPrefix: 'inbox-' })).map(nameOf)).toEqual(['a']);
    expect((await log.readAll({ streamPrefix: '%' })).map(nameOf)).toEqual([]);
  });
}

async function appendMixture(log: EventLog): Promise<void> {
  await appendTo(log, 'task-1', 'no-stream', newEvent('a'), newEvent('b', { type: 'TaskPaused' }));
  await appendTo(log, 'job-1', 'no-stream', newEvent('c', { type: 'JobQueued' }));
  await appendTo(log, 'job-2', 'no-stream', newEvent('d', { type: 'JobQueued', correlationId: 'ORCH-002' }));
  await appendTo(log, 'task-1', 1, newEvent('e', { type: 'TaskResumed' }));
  await appendTo(log, 'task-2', 'no-stream', newEvent('f', { type: 'TaskPaused', correlationId: 'ORCH-002' }));
}
