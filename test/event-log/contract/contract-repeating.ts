import { expect, test } from '@jest/globals';
import { CorruptedIdempotency, VersionConflict } from '../../../src/event-log/errors.js';
import type { LogUnderTest } from './contract.js';
import { appendTo, manyEvents, newEvent } from './events.js';

export function describeRepeating(underTest: LogUnderTest): void {
  describeWholeRepeats(underTest);
  describePartialRepeats(underTest);
  if (underTest.severalStreamsAtOnce) describeRepeatsOfSeveralStreams(underTest);
}

function describeWholeRepeats({ open }: LogUnderTest): void {
  test('the same events at the same place answer with the original positions', async () => {
    const log = await open();
    const write = { stream: 'task-1', expected: 'no-stream', events: manyEvents('a', 3) } as const;
    const first = await log.append([write]);
    expect(await log.append([write])).toEqual(first);
    expect(await log.readAll()).toHaveLength(3);
  });

  test('a repeated append is recognised at any age, also after later events', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', newEvent('a'));
    const original = await appendTo(log, 'task-1', 0, ...manyEvents('b', 2));
    await appendTo(log, 'task-1', 2, ...manyEvents('c', 5));
    expect(await appendTo(log, 'task-1', 0, ...manyEvents('b', 2))).toEqual(original);
    expect(await log.readStream('task-1')).toHaveLength(8);
  });

  test('a repetition at the same moment is the same append', async () => {
    const log = await open();
    const twice = [newEvent('a'), newEvent('a')].map((event) => appendTo(log, 'task-1', 'no-stream', event));
    const [one, other] = await Promise.all(twice);
    expect(one).toEqual(other);
    expect(await log.readAll()).toHaveLength(1);
  });

  test('what is recorded stays as it was first, whatever the repetition says', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', newEvent('a', { data: { says: 'first' } }));
    await appendTo(log, 'task-1', 'no-stream', newEvent('a', { data: { says: 'second' } }));
    expect(await log.readStream('task-1')).toMatchObject([{ data: { says: 'first' } }]);
  });
}

function describePartialRepeats({ open, idsOfTheWholeLog }: LogUnderTest): void {
  test('a repetition that goes further than the original is corruption', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', newEvent('a'));
    const longer = appendTo(log, 'task-1', 'no-stream', newEvent('a'), newEvent('b'));
    await expect(longer).rejects.toMatchObject({ name: 'CorruptedIdempotency', eventId: newEvent('a').id });
    expect(await log.readAll()).toHaveLength(1);
  });

  test('a repetition that ends with another event is corruption', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', newEvent('a'), newEvent('b'));
    const other = appendTo(log, 'task-1', 'no-stream', newEvent('a'), newEvent('c'));
    await expect(other).rejects.toBeInstanceOf(CorruptedIdempotency);
  });

  test('one event twice in one append is corruption', async () => {
    const log = await open();
    const twice = appendTo(log, 'task-1', 'no-stream', newEvent('a'), newEvent('a'));
    await expect(twice).rejects.toBeInstanceOf(CorruptedIdempotency);
    expect(await log.head()).toBe(0);
  });

  test('other events at a place that is taken are a conflict', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', newEvent('a'));
    await expect(appendTo(log, 'task-1', 'no-stream', newEvent('b'))).rejects.toBeInstanceOf(VersionConflict);
  });

  if (!idsOfTheWholeLog) return;

  test('an event that is in another stream already is corruption', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', newEvent('a'));
    await expect(appendTo(log, 'task-2', 'no-stream', newEvent('a'))).rejects.toBeInstanceOf(CorruptedIdempotency);
    expect(await log.readStream('task-2')).toEqual([]);
  });
}

function describeRepeatsOfSeveralStreams({ open }: LogUnderTest): void {
  const writes = [
    { stream: 'task-1', expected: 'no-stream', events: [newEvent('a')] },
    { stream: 'job-1', expected: 'no-stream', events: [newEvent('b')] },
  ] as const;

  test('an append to several streams is repeated as a whole, although a checked stream has moved on', async () => {
    const log = await open();
    const checks = [{ stream: 'settings', expected: 'no-stream' }] as const;
    const first = await log.append(writes, checks);
    await appendTo(log, 'settings', 'no-stream', newEvent('c'));
    expect(await log.append(writes, checks)).toEqual(first);
  });

  test('an append of which only one stream was written before is corruption', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', newEvent('a'));
    await expect(log.append(writes)).rejects.toBeInstanceOf(CorruptedIdempotency);
    expect(await log.readStream('job-1')).toEqual([]);
  });
}
