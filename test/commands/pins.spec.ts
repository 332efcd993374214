import { beforeEach, describe, expect, test } from '@jest/globals';
import { Aggregates } from '../../src/commands/aggregates.js';
import { Transact } from '../../src/commands/transact.js';
import { ClaimJob, QueueJob } from '../../src/domain/job/commands.js';
import { jobDecider } from '../../src/domain/job/decide.js';
import { InMemoryEventLog } from '../../src/event-log/in-memory/in-memory-event-log.js';
import { InMemorySnapshots } from '../../src/event-log/snapshots.js';
import { Refused } from '../../src/kernel/refused.js';
import { commandContext } from '../support/given.js';
import { DEFAULT_POLICY } from '../support/policy.js';
import { seed } from '../support/seed.js';

const ADMISSION = 'admission-enduro-trails';
const RUN = { runId: 'run-1', worker: 'here' };

let log: InMemoryEventLog;
let transact: Transact;

beforeEach(async () => {
  log = new InMemoryEventLog();
  transact = new Transact(log, new Aggregates(log, new InMemorySnapshots()), DEFAULT_POLICY);
  const job = { jobId: 1, taskId: 1, workItem: 'ET-001', repo: 'enduro-trails', agent: 'analyst' };
  const facts = { ...job, stage: 'analysis', visit: 1, round: 1, feedback: [] } as const;
  await transact.run(jobDecider, new QueueJob('job-1', facts, commandContext()));
  await seed(log, { stream: ADMISSION, type: 'JobReleased', data: job });
});

function claim(expected: number): ClaimJob {
  return new ClaimJob('job-1', RUN, commandContext({ commandId: 'claim' }), [{ stream: ADMISSION, expected }]);
}

describe('a claim that is pinned to what admission said', () => {
  test('is made while admission says the same', async () => {
    expect(await transact.run(jobDecider, claim(0))).toMatchObject({ events: [{ type: 'JobClaimed' }] });
  });

  test('is refused, and nothing is recorded, when the repository was frozen in between', async () => {
    await seed(log, { stream: ADMISSION, type: 'RepoFrozen', data: { repo: 'enduro-trails' } });
    const head = await log.head();
    const answer = await transact.run(jobDecider, claim(0));
    expect(answer).toBeInstanceOf(Refused);
    expect(answer).toMatchObject({ code: 'moved', facts: { stream: ADMISSION, expected: 0, actual: 1 } });
    expect(await log.head()).toBe(head);
    expect(await transact.run(jobDecider, claim(1))).toMatchObject({ events: [{ type: 'JobClaimed' }] });
  });
});

describe('an event that names a work item', () => {
  test('belongs to the story of that work item, whoever decided it', async () => {
    const told = commandContext({ commandId: 'claim', correlationId: 'ET-999' });
    const answer = await transact.run(jobDecider, new ClaimJob('job-1', RUN, told));
    expect(answer).toMatchObject({ events: [{ metadata: { $correlationId: 'ET-001' } }] });
  });
});
