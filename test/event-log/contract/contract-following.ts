import { expect, test } from '@jest/globals';
import type { EventLog, Follow, FollowedPage } from '../../../src/event-log/event-log.js';
import { until as untilSoon } from '../../support/until.js';
import type { LogUnderTest } from './contract.js';
import { appendTo, manyEvents, nameOf, newEvent } from './events.js';

export function describeFollowing(underTest: LogUnderTest): void {
  describeCatchingUp(underTest);
  describeLive(underTest);
  describeEnding(underTest);
}

const SOON_MS = 15_000;

function until(condition: () => boolean, what: string): Promise<void> {
  return untilSoon(condition, what, SOON_MS);
}

/** Follows in the background and keeps every page. */
class Watcher {
  readonly pages: FollowedPage[] = [];
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(log: EventLog, options: Omit<Follow, 'signal' | 'after'> & { after?: number } = {}) {
    this.#done = this.#watch(log.follow({ after: 0, ...options, signal: this.#stop.signal }));
  }

  get names(): unknown[] {
    return this.pages.flatMap((page) => page.events.map(nameOf));
  }

  get last(): FollowedPage | undefined {
    return this.pages.at(-1);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async ended(): Promise<void> {
    await this.#done;
  }

  async #watch(pages: AsyncIterable<FollowedPage>): Promise<void> {
    for await (const page of pages) this.pages.push(page);
  }
}

function describeCatchingUp({ open }: LogUnderTest): void {
  test('a follower of a quiet log is told at once that it has caught up', async () => {
    const log = await open();
    const watcher = new Watcher(log);
    await until(() => watcher.pages.length > 0, 'the first page comes');
    expect(watcher.pages).toEqual([{ events: [], position: 0, caughtUp: true }]);
    await watcher.stop();
  });

  test('a follower reads what was there in pages, and knows when that was all', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', ...manyEvents('a', 2_000));
    const watcher = new Watcher(log);
    await until(() => watcher.last?.caughtUp === true, 'the follower has caught up');
    expect(watcher.pages.map((page) => page.events.length)).toEqual([1_000, 1_000]);
    expect(watcher.pages.map((page) => page.caughtUp)).toEqual([false, true]);
    expect(watcher.last?.position).toBe(await log.head());
    await watcher.stop();
  });

  test('a follower starts after the position that it names', async () => {
    const log = await open();
    const positions = await appendTo(log, 'task-1', 'no-stream', ...manyEvents('a', 5));
    const watcher = new Watcher(log, { after: positions[2] ?? 0 });
    await until(() => watcher.names.length === 2, 'the rest arrives');
    expect(watcher.names).toEqual(['a-3', 'a-4']);
    await watcher.stop();
  });

  test('a filtered follower moves on past what does not concern it', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', ...manyEvents('a', 10));
    const watcher = new Watcher(log, { types: ['JobQueued'] });
    await until(() => watcher.last?.caughtUp === true, 'the follower has caught up');
    expect(watcher.last).toEqual({ events: [], position: await log.head(), caughtUp: true });
    await appendTo(log, 'job-1', 'no-stream', newEvent('b', { type: 'JobQueued' }));
    await until(() => watcher.names.length === 1, 'the matching event arrives');
    await watcher.stop();
  });
}

function describeLive({ open }: LogUnderTest): void {
  test('followers see every event once and in order while several writers append', async () => {
    const log = await open();
    await appendTo(log, 'task-0', 'no-stream', ...manyEvents('before', 1_500));
    const early = new Watcher(log);
    const writers = [1, 2, 3, 4].map((writer) => appendOneByOne(log, `task-${writer}`, 100));
    const late = new Watcher(log, { after: 700 });
    await Promise.all(writers);
    const head = await log.head();
    await until(() => early.last?.position === head && late.last?.position === head, 'both followers have caught up');
    const all = await readEverything(log);
    expect(early.names).toEqual(all);
    expect(late.names).toEqual(all.slice(-late.names.length));
    await Promise.all([early.stop(), late.stop()]);
  });

  test('an event that is appended while a page is handled is not missed', async () => {
    const log = await open();
    const stop = new AbortController();
    const names: unknown[] = [];
    await appendTo(log, 'task-1', 'no-stream', newEvent('0'));
    for await (const page of log.follow({ after: 0, signal: stop.signal })) {
      names.push(...page.events.map(nameOf));
      if (names.length === 20) break;
      await appendTo(log, 'task-1', names.length - 1, newEvent(`${names.length}`));
    }
    expect(names).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`));
  });
}

function describeEnding({ open }: LogUnderTest): void {
  test('a follower that is told to stop ends without an error', async () => {
    const log = await open();
    const watcher = new Watcher(log);
    await until(() => watcher.pages.length > 0, 'the first page comes');
    await watcher.stop();
    await appendTo(log, 'task-1', 'no-stream', newEvent('a'));
    expect(watcher.names).toEqual([]);
  });

  test('a follower that was stopped before it began sees nothing', async () => {
    const log = await open();
    await appendTo(log, 'task-1', 'no-stream', newEvent('a'));
    const pages: FollowedPage[] = [];
    for await (const page of log.follow({ after: 0, signal: AbortSignal.abort() })) pages.push(page);
    expect(pages).toEqual([]);
  });

  test('closing the log ends its followers', async () => {
    const log = await open();
    const watcher = new Watcher(log);
    await until(() => watcher.pages.length > 0, 'the first page comes');
    await log.close();
    await watcher.ended();
    expect(watcher.last?.caughtUp).toBe(true);
  });
}

async function appendOneByOne(log: EventLog, stream: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await appendTo(log, stream, index === 0 ? 'no-stream' : index - 1, newEvent(`${stream}-${index}`));
  }
}

async function readEverything(log: EventLog): Promise<unknown[]> {
  const names: unknown[] = [];
  let after = 0;
  for (;;) {
    const page = await log.readAll({ after });
    names.push(...page.map(nameOf));
    if (page.length < 1_000) return names;
    after = page.at(-1)?.position ?? after;
  }
}
