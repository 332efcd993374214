import { expect, test } from '@jest/globals';
import { EventTooLarge, LogUnavailable, VersionConflict } from '../../../src/event-log/errors.js';
import type { LogUnderTest } from './contract.js';
import { appendTo, manyEvents, nameOf, newEvent } from './events.js';

export function describeAppending(underTest: LogUnderTest): void {
  describeExpectedRevisions(underTest);
  describeRaces(underTest);
  describePositions(underTest);
  describeLimits(underTest);
  describeChecks(underTest);
  if (underTest.severalStreamsAtOnce) describeSeveralStreams(underTest);
}

function describeExpectedRevisions({ open }: LogUnderTest): void {
  test('a first append needs that the stream does not exist', async () => {
    const log = await open();
    const [appended] = await log.append([{ stream: 'task-1', expected: 'no-stream', events: manyEvents('a', 3) }]);
    expect(appended).toMatchObject({ stream: 'task-1', revision: 2 });
    await expect(appendTo(log, 'task-1', 'no-stream', newEvent('b'))).rejects.toThrow(
      new VersionConflict('task-1', 'no-stream', 2),
    );
  });

  test('an append after a known revision continues the stream there', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', ...manyEvents('a', 2));
    const [appended] = await log.append([{ stream: 'task-1', expected: 1, events: [newEvent('b')] }]);
    expect(appended?.revision).toBe(2);
  });

  test('an append at an older revision is refused with the actual one and leaves nothing', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', ...manyEvents('a', 3));
    const late = appendTo(log, 'task-1', 1, newEvent('late'));
    await expect(late).rejects.toMatchObject({ name: 'VersionConflict', stream: 'task-1', expected: 1, actual: 2 });
    expect(await log.readStream('task-1')).toHaveLength(3);
    expect(await log.readEvent(newEvent('late').id)).toBeNull();
  });

  test('an append at a revision that is not reached yet is refused', async () => {
    const log = await open();
    const tooEarly = appendTo(log, 'task-1', 4, newEvent('a'));
    await expect(tooEarly).rejects.toThrow('Stream task-1 is at no stream, expected version 4');
  });
}

function describeRaces({ open }: LogUnderTest): void {
  test('of fifty concurrent first appends to one stream exactly one wins', async () => {
    const log = await open();
    const racers = manyEvents('racer', 50).map((event) => appendTo(log, 'job-1', 'no-stream', event));
    const outcomes = await Promise.allSettled(racers);
    const losers = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(losers).toHaveLength(49);
    for (const loser of losers) expect(loser).toBeInstanceOf(VersionConflict);
    expect(await log.readStream('job-1')).toHaveLength(1);
  });

  test('of many that continue one stream at once each revision goes to exactly one', async () => {
    const log = await open();
    await appendTo(log, 'job-1', 'no-stream', newEvent('first'));
    const racers = [0, 1, 2, 0, 1, 2].map((expected, index) =>
      appendTo(log, 'job-1', expected, newEvent(`racer-${index}`)),
    );
    const outcomes = await Promise.allSettled(racers);
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(3);
    const events = await log.readStream('job-1');
    expect(events.map((event) => event.revision)).toEqual([0, 1, 2, 3]);
  });

  test('one loser does not fail its neighbours', async () => {
    const log = await open({ eventBytesMax: 10_000 });
    await appendTo(log, 'task-0', 'no-stream', newEvent('taken'));
    const outcomes = await Promise.allSettled([
      appendTo(log, 'task-1', 'no-stream', newEvent('a')),
      appendTo(log, 'task-0', 'no-stream', newEvent('conflict')),
      appendTo(log, 'task-2', 'no-stream', newEvent('b')),
      appendTo(log, 'task-3', 'no-stream', newEvent('large', { data: { text: 'x'.repeat(20_000) } })),
      appendTo(log, 'task-4', 'no-stream', newEvent('c')),
      appendTo(log, 'task-0', 'no-stream', newEvent('taken'), newEvent('partial')),
      appendTo(log, 'task-5', 'no-stream', newEvent('d')),
    ]);
    const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.name : 'written'));
    expect(reasons).toEqual([
      'written',
      'VersionConflict',
      'written',
      'EventTooLarge',
      'written',
      'CorruptedIdempotency',
      'written',
    ]);
    expect((await log.readAll()).map(nameOf)).toEqual(['taken', 'a', 'b', 'c', 'd']);
  });
}

function describePositions({ open, densePositions, answersInOrder }: LogUnderTest): void {
  const inOrder = answersInOrder ? 'the appends were answered' : 'the log gives the events back';

  test(`positions rise in the order in which ${inOrder}`, async () => {
    const log = await open();
    const answered: number[] = [];
    const appendOne = async (writer: number): Promise<void> => {
      for (const expected of ['no-stream', 0, 1, 2] as const) {
        answered.push(...(await appendTo(log, `job-${writer}`, expected, newEvent(`${writer}-${expected}`))));
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, writer) => appendOne(writer)));
    const ascending = [...answered].sort((one, other) => one - other);
    if (answersInOrder) expect(answered).toEqual(ascending);
    expect((await log.readAll()).map((event) => event.position)).toEqual(ascending);
    expect(await log.head()).toBe(ascending.at(-1));
  });

  if (!densePositions) return;

  test('positions have no holes, also after appends that were refused', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', newEvent('a'));
    await expect(appendTo(log, 'task-1', 'no-stream', newEvent('b'))).rejects.toThrow(VersionConflict);
    await expect(appendTo(log, 'task-1', 0, newEvent('c'), newEvent('a'))).rejects.toThrow('repeats event');
    expect(await appendTo(log, 'task-1', 0, ...manyEvents('d', 3))).toEqual([2, 3, 4]);
  });
}

function describeLimits({ open }: LogUnderTest): void {
  test('an event above the size limit is refused with both sizes', async () => {
    const log = await open({ eventBytesMax: 1_000 });
    const event = newEvent('large', { data: { text: 'ü'.repeat(600) } });
    const bytes = Buffer.byteLength(JSON.stringify(event.data) + JSON.stringify(event.metadata));
    const large = appendTo(log, 'task-1', 'no-stream', event);
    await expect(large).rejects.toThrow(new EventTooLarge('task-1', bytes, 1_000));
    expect(await log.head()).toBe(0);
  });

  test('a closed log says so', async () => {
    const log = await open();
    await log.close();
    await expect(appendTo(log, 'task-1', 'no-stream', newEvent('a'))).rejects.toBeInstanceOf(LogUnavailable);
    await expect(log.readAll()).rejects.toBeInstanceOf(LogUnavailable);
  });
}

function describeSeveralStreams({ open }: LogUnderTest): void {
  test('an append to several streams writes all of them or none', async () => {
    const log = await open();
    const appended = await log.append([
      { stream: 'task-1', expected: 'no-stream', events: [newEvent('a')] },
      { stream: 'job-1', expected: 'no-stream', events: manyEvents('b', 2) },
    ]);
    expect(appended.map(({ stream, revision }) => [stream, revision])).toEqual([
      ['task-1', 0],
      ['job-1', 1],
    ]);
    const half = log.append([
      { stream: 'task-2', expected: 'no-stream', events: [newEvent('c')] },
      { stream: 'job-1', expected: 0, events: [newEvent('d')] },
    ]);
    await expect(half).rejects.toMatchObject({ name: 'VersionConflict', stream: 'job-1', actual: 1 });
    expect(await log.readStream('task-2')).toEqual([]);
  });
}

function describeChecks({ open }: LogUnderTest): void {
  test('an append depends on streams that it only checks', async () => {
    const log = await open();
    await appendTo(log, 'admission-app', 'no-stream', newEvent('a'));
    const write = { stream: 'job-1', expected: 'no-stream', events: [newEvent('b')] } as const;
    const moved = log.append([write], [{ stream: 'admission-app', expected: 'no-stream' }]);
    await expect(moved).rejects.toMatchObject({ stream: 'admission-app', expected: 'no-stream', actual: 0 });
    expect(await log.readStream('job-1')).toEqual([]);
    await log.append(
      [write],
      [
        { stream: 'admission-app', expected: 0 },
        { stream: 'settings', expected: 'no-stream' },
      ],
    );
    expect(await log.readStream('job-1')).toHaveLength(1);
  });

  test('a check sees what a neighbour wrote a moment before', async () => {
    const log = await open();
    const outcomes = await Promise.allSettled([
      appendTo(log, 'admission-app', 'no-stream', newEvent('a')),
      log.append(
        [{ stream: 'job-1', expected: 'no-stream', events: [newEvent('b')] }],
        [{ stream: 'admission-app', expected: 'no-stream' }],
      ),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected']);
  });
}
