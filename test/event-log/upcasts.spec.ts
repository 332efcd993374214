import { expect, test } from '@jest/globals';
import type { RecordedEvent } from '../../src/kernel/event.js';
import type { Upcasts } from '../../src/event-log/upcasts.js';
import { upcast } from '../../src/event-log/upcasts.js';
import { newEvent } from './contract/events.js';

const UPCASTS: Upcasts = {
  TaskCreated: {
    1: (data) => ({ ...data, title: 'untitled' }),
    2: (data, event) => ({ ...data, createdAt: event.recordedAt }),
  },
};

function recorded(type: string, schemaVersion: number): RecordedEvent {
  const event = newEvent('a', { type });
  const metadata = { ...event.metadata, schemaVersion };
  return { ...event, metadata, position: 1, stream: 'task-1', revision: 0, recordedAt: '2026-01-01T00:00:00.000Z' };
}

test('an old event climbs one schema version after the other', () => {
  const newest = upcast(recorded('TaskCreated', 1), UPCASTS);
  expect(newest.data).toEqual({ name: 'a', title: 'untitled', createdAt: '2026-01-01T00:00:00.000Z' });
  expect(newest.metadata.schemaVersion).toBe(3);
});

test('an event starts to climb at the schema version that it has', () => {
  expect(upcast(recorded('TaskCreated', 2), UPCASTS).data).not.toHaveProperty('title');
});

test.each([
  ['an event in its newest form', recorded('TaskCreated', 3)],
  ['an event of a type that nothing is known of', recorded('TaskTeleported', 1)],
  ['an event whose type is the name of something built in', recorded('toString', 1)],
])('%s passes as it is', (_, event) => {
  expect(upcast(event, UPCASTS)).toBe(event);
});
