import { afterEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { InMemoryEventLog } from '../../src/event-log/in-memory/in-memory-event-log.js';
import type { RecordedEvent } from '../../src/kernel/event.js';
import { EventFeed, type Listener } from '../../src/telemetry/event-feed.js';
import { TaskStory } from '../support/task-story.js';
import { until } from '../support/until.js';

const feeds: EventFeed[] = [];

afterEach(async () => {
  await Promise.all(feeds.splice(0).map((feed) => feed.stop()));
});

async function fed(events: InMemoryEventLog, ...listeners: Listener[]): Promise<{ lines: string[] }> {
  const lines: string[] = [];
  const feed = new EventFeed(events, pino({}, { write: (line) => void lines.push(line) }), listeners);
  feeds.push(feed);
  await feed.start();
  return { lines };
}

describe('the event feed', () => {
  test('tells what happens from its start on, in order, and nothing of what happened before', async () => {
    const events = new InMemoryEventLog();
    const story = new TaskStory(events);
    await story.open();
    const before = await events.head();
    const told: RecordedEvent[] = [];
    await fed(events, (event) => told.push(event));
    await story.work();
    const head = await events.head();
    await until(() => told.at(-1)?.position === head, 'the last event was told');
    expect(told.map(({ position }) => position)).toEqual(
      Array.from({ length: head - before }, (_, i) => before + 1 + i),
    );
  });

  test('a listener that fails is reported and keeps neither the others nor the next event from being heard', async () => {
    const events = new InMemoryEventLog();
    const told: string[] = [];
    const failing: Listener = () => {
      throw new TypeError('cannot read it');
    };
    const { lines } = await fed(events, failing, (event) => told.push(event.type));
    await new TaskStory(events).open();
    await until(() => told.length === 3, 'all three events were told');
    expect(told).toEqual(['TaskRequested', 'TaskOpened', 'TaskAdvanced']);
    expect(lines[0]).toContain('TaskRequested at 1 is not told');
    expect(lines[0]).toContain('cannot read it');
  });

  test('stopping ends it at once, and what comes later is not told', async () => {
    const events = new InMemoryEventLog();
    const told: string[] = [];
    await fed(events, (event) => told.push(event.type));
    await feeds[0]?.stop();
    await new TaskStory(events).open();
    expect(told).toEqual([]);
  });
});
