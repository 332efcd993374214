import { afterEach, expect, test } from '@jest/globals';
import type { RecordedEvent } from '../../src/kernel/event.js';
import type { FollowerFailure, FollowerOptions } from '../../src/event-log/follower.js';
import { eachEvent, Follower } from '../../src/event-log/follower.js';
import { InMemoryCheckpoints } from '../../src/event-log/in-memory/in-memory-checkpoints.js';
import { InMemoryEventLog } from '../../src/event-log/in-memory/in-memory-event-log.js';
import { until } from '../support/until.js';
import { appendTo, manyEvents, nameOf, newEvent } from './contract/events.js';

const started: Follower[] = [];

afterEach(async () => {
  for (const follower of started.splice(0)) await follower.stop();
});

/** A log with its checkpoints, a handler that can be told to fail, and pauses that are only written down. */
class World {
  readonly log = new InMemoryEventLog();
  readonly checkpoints = new InMemoryCheckpoints();
  readonly handled: unknown[] = [];
  readonly pauses: number[] = [];
  readonly failures: FollowerFailure[] = [];
  failAt: { name: string; times: number } | undefined;

  start(options: Partial<FollowerOptions> = {}): Follower {
    const follower = new Follower({
      name: 'saga:test',
      log: this.log,
      checkpoints: this.checkpoints,
      handle: eachEvent((event) => this.#handle(event)),
      pause: async (delayMs) => void this.pauses.push(delayMs),
      onFailure: (failure) => this.failures.push(failure),
      ...options,
    });
    started.push(follower);
    follower.start();
    return follower;
  }

  async #handle(event: RecordedEvent): Promise<void> {
    const name = nameOf(event);
    const { failAt } = this;
    if (failAt && failAt.name === name && failAt.times > 0) {
      failAt.times -= 1;
      throw new RangeError(`cannot do ${failAt.name}`);
    }
    this.handled.push(name);
  }
}

test('a follower handles the log in order and remembers how far it came', async () => {
  const world = new World();
  await appendTo(world.log, 'task-1', 'no-stream', ...manyEvents('a', 3));
  const follower = world.start();
  await until(() => follower.position === 3, 'what was there is handled');
  await appendTo(world.log, 'task-1', 2, newEvent('b'));
  await until(() => follower.position === 4, 'what came later is handled');
  expect(world.handled).toEqual(['a-0', 'a-1', 'a-2', 'b']);
  expect(await world.checkpoints.load('saga:test', world.log.logId)).toBe(4);
  expect(follower.caughtUp).toBe(true);
  expect(await follower.lag()).toBe(0);
});

test('a follower that starts again goes on where it stopped', async () => {
  const world = new World();
  await appendTo(world.log, 'task-1', 'no-stream', ...manyEvents('a', 3));
  const first = world.start();
  await until(() => first.position === 3, 'what was there is handled');
  await first.stop();
  await appendTo(world.log, 'task-1', 2, newEvent('b'));
  expect(await first.lag()).toBe(1);
  const second = world.start();
  await until(() => second.position === 4, 'the rest is handled');
  expect(world.handled).toEqual(['a-0', 'a-1', 'a-2', 'b']);
});

test('an event that fails is tried again with growing delays, and nothing is handled before it or twice', async () => {
  const world = new World();
  world.failAt = { name: 'a-1', times: 6 };
  await appendTo(world.log, 'task-1', 'no-stream', ...manyEvents('a', 3));
  const follower = world.start({ retry: { firstMs: 100, delayMsMax: 1_000 } });
  await until(() => follower.position === 3, 'everything is handled');
  expect(world.handled).toEqual(['a-0', 'a-1', 'a-2']);
  expect(world.pauses).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  expect(world.failures.at(-1)).toMatchObject({ follower: 'saga:test', attempts: 6, retryInMs: 1_000, position: 0 });
});

test('a follower tells what keeps it, until it goes on', async () => {
  const world = new World();
  world.failAt = { name: 'a-0', times: Number.POSITIVE_INFINITY };
  await appendTo(world.log, 'task-1', 'no-stream', newEvent('a-0'));
  const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const follower = world.start({ pause });
  await until(() => follower.lastError !== undefined, 'the failure is told');
  expect(follower.lastError?.message).toBe('cannot do a-0');
  expect([follower.position, await follower.lag()]).toEqual([0, 1]);
  world.failAt = undefined;
  await until(() => follower.position === 1, 'the follower goes on');
  expect(follower.lastError).toBeUndefined();
});

test('delays start small again after a success', async () => {
  const world = new World();
  world.failAt = { name: 'a', times: 3 };
  await appendTo(world.log, 'task-1', 'no-stream', newEvent('a'));
  const follower = world.start();
  await until(() => follower.position === 1, 'the first event is handled');
  world.failAt = { name: 'b', times: 1 };
  await appendTo(world.log, 'task-1', 0, newEvent('b'));
  await until(() => follower.position === 2, 'the second event is handled');
  expect(world.pauses).toEqual([100, 200, 400, 100]);
});

test('a follower remembers how far it came although nothing concerned it', async () => {
  const world = new World();
  await appendTo(world.log, 'task-1', 'no-stream', ...manyEvents('a', 3));
  const follower = world.start({ filter: { types: ['JobQueued'] } });
  await until(() => follower.position === 3, 'the follower has passed everything');
  expect(world.handled).toEqual([]);
  expect(await world.checkpoints.load('saga:test', world.log.logId)).toBe(3);
});

test('a checkpoint of another log stops a follower with a sentence instead of losing events', async () => {
  const world = new World();
  await world.checkpoints.save('saga:test', 'another log', 1);
  await appendTo(world.log, 'task-1', 'no-stream', ...manyEvents('a', 3));
  const follower = world.start({ pause: () => new Promise((resolve) => setImmediate(resolve)) });
  await until(() => follower.lastError !== undefined, 'the failure is told');
  expect(follower.lastError?.message).toMatch(/^The checkpoint of saga:test belongs to the event log another log/);
  expect(world.handled).toEqual([]);
});

test('a checkpoint ahead of a log that was cut stops a follower with a sentence', async () => {
  const world = new World();
  await world.checkpoints.save('saga:test', world.log.logId, 90);
  const follower = world.start({ pause: () => new Promise((resolve) => setImmediate(resolve)) });
  await until(() => follower.lastError !== undefined, 'the failure is told');
  expect(follower.lastError?.message).toMatch(/is at position 90, but the event log ends at 0/);
});

test('whoever is told of failures cannot end the follower', async () => {
  const world = new World();
  world.failAt = { name: 'a', times: 2 };
  await appendTo(world.log, 'task-1', 'no-stream', newEvent('a'));
  const onFailure = (): void => {
    throw new RangeError('the log line cannot be written either');
  };
  const follower = world.start({ onFailure });
  await until(() => follower.position === 1, 'the event is handled');
});

test('stopping waits for the page under way and cuts a pause short', async () => {
  const world = new World();
  await appendTo(world.log, 'task-1', 'no-stream', newEvent('a'));
  const follower = new Follower({
    name: 'saga:test',
    log: world.log,
    checkpoints: world.checkpoints,
    handle: () => Promise.reject(new RangeError('never')),
    retry: { firstMs: 3_600_000, delayMsMax: 3_600_000 },
  });
  follower.start();
  await until(() => follower.lastError !== undefined, 'it pauses for an hour');
  await follower.stop();
  expect(follower.position).toBe(0);
});

test('a follower of a log that is closed says so and can still be stopped', async () => {
  const world = new World();
  const follower = world.start({ pause: () => new Promise((resolve) => setImmediate(resolve)) });
  await until(() => follower.caughtUp, 'the follower has caught up');
  await world.log.close();
  await until(() => follower.lastError !== undefined, 'the failure is told');
  expect(follower.lastError?.message).toBe('The event log in memory is closed');
});
