import { expect, test } from '@jest/globals';
import { InMemoryEventLog } from '../../src/event-log/in-memory/in-memory-event-log.js';
import { describeEventLog } from './contract/contract.js';
import { appendTo, newEvent } from './contract/events.js';

describeEventLog('the event log in memory', async (options) => new InMemoryEventLog(options));

test('an event in memory does not change with the object that it was made from', async () => {
  const log = new InMemoryEventLog();
  const tags = ['original'];
  await appendTo(log, 'task-1', 'no-stream', newEvent('a', { data: { tags } }));
  tags.push('added afterwards');
  expect(await log.readStream('task-1')).toMatchObject([{ data: { tags: ['original'] } }]);
});
