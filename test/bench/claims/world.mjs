import { randomUUID } from 'node:crypto';
import { Aggregates } from '../../../dist/commands/aggregates.js';
import { DECIDERS } from '../../../dist/commands/deciders.js';
import { Transact } from '../../../dist/commands/transact.js';
import { InMemorySnapshots } from '../../../dist/event-log/snapshots.js';
import { openSqliteEventLog } from '../../../dist/event-log/sqlite/sqlite-event-log.js';
import { CancelJob, ClaimJob, QueueJob } from '../../../dist/domain/job/commands.js';

export const CLOCK = { now: () => Date.now() };

export const POLICY = {
  maxConcurrency: 1_000_000,
  jobs: { maxAttempts: 2, backoffBaseS: 30, transientMaxAttempts: 8, breakerProbeS: 60 },
  serialGate: { enabled: true, repos: [], freezeEnabled: true, pauseEnabled: true, dependenciesEnabled: true },
  budget: { taskUsd: 0, dayUsd: 0 },
  projects: [],
};

export function openLog(path) {
  return openSqliteEventLog({ path, clock: CLOCK });
}

/** Loads, decides and appends, as one process does; its memory of streams is its own. */
export class Node {
  #transact;

  constructor(log) {
    this.#transact = new Transact(log, new Aggregates(log, new InMemorySnapshots()), POLICY);
  }

  execute(command) {
    const decider = DECIDERS.find(({ commands }) => commands.includes(command.constructor));
    return this.#transact.run(decider, command);
  }

  queue(jobId, agent = 'developer', taskId = jobId) {
    const ref = { jobId, taskId, workItem: `IT-${taskId}`, repo: `repo-${taskId}`, agent };
    const stage = agent === 'analyst' ? 'analysis' : 'development';
    return this.execute(new QueueJob(`job-${jobId}`, { ...ref, stage, visit: 1, round: 1, feedback: [] }, context()));
  }

  claim(jobId, worker) {
    return this.execute(new ClaimJob(`job-${jobId}`, { runId: randomUUID(), worker }, context()));
  }

  cancel(jobId) {
    return this.execute(new CancelJob(`job-${jobId}`, { reason: 'measured' }, context()));
  }
}

export function context() {
  const at = new Date().toISOString();
  return { commandId: randomUUID(), at, actor: 'system', correlationId: 'bench', causationId: null };
}

/** Every event of one type, in order. */
export async function eventsOf(log, type) {
  const all = [];
  for (let after = 0; ; after = all.at(-1).position) {
    const page = await log.readAll({ after, types: [type] });
    all.push(...page);
    if (page.length < 1_000) return all;
  }
}
