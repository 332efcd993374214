import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CommandBus } from '@nestjs/cqrs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Aggregates } from '../../src/commands/aggregates.js';
import { DECIDERS } from '../../src/commands/deciders.js';
import { Transact } from '../../src/commands/transact.js';
import { InMemoryEventLog } from '../../src/event-log/in-memory/in-memory-event-log.js';
import { InMemorySnapshots } from '../../src/event-log/snapshots.js';
import { assert } from '../../src/kernel/assert.js';
import type { Command } from '../../src/kernel/command.js';
import type { Policy } from '../../src/kernel/pipeline/policy.js';
import { toIso } from '../../src/kernel/time.js';
import { Projector } from '../../src/projections/engine/projector.js';
import { ReadModels } from '../../src/projections/engine/read-models.js';
import { READ_MODELS } from '../../src/projections/read-models.js';
import { Work } from '../../src/projections/work.js';
import { Worker } from '../../src/queue/worker.js';
import { policyWith } from '../support/policy.js';
import { fixedHosts } from '../support/running/fixed-hosts.js';
import { seed } from '../support/seed.js';
import { until } from '../support/until.js';

const POLICY = policyWith({ budget: { dayUsd: 1, taskUsd: 0.5 }, maxConcurrency: 2 });
const REPO = 'enduro-trails';

/** A worker over a log in memory, with real deciders and read models; nothing else moves. */
class Yard {
  readonly log = new InMemoryEventLog();
  nowMs = Date.now();
  /** How often the worker has looked at the clock, which it does before every choice. */
  rounds = 0;
  private readonly reads: ReadModels;
  private readonly projector: Projector;
  private worker: Worker | undefined;
  /** What happens between the board's choice and the append. */
  beforeClaim: () => Promise<unknown> = async () => undefined;

  constructor(folder: string) {
    const path = join(folder, 'read-models.db');
    this.reads = new ReadModels(path);
    this.projector = new Projector(this.log, { path, models: READ_MODELS });
  }

  async start(policy: Policy = POLICY): Promise<void> {
    await this.projector.start();
    await this.projector.waitFor(await this.log.head(), 5_000);
    const transact = new Transact(this.log, new Aggregates(this.log, new InMemorySnapshots()), policy);
    const execute = async (command: Command) => {
      await this.beforeClaim();
      const decider = DECIDERS.find(({ category }) => command.stream.startsWith(category));
      assert(decider, `a decider for ${command.stream}`);
      return transact.run(decider, command);
    };
    const { log, projector } = this;
    const world = { log, projector, work: new Work(this.reads), commands: { execute } as unknown as CommandBus };
    const hosts = fixedHosts({ name: 'here', slots: policy.maxConcurrency });
    const options = { pollIntervalS: 0.05, policy, hosts };
    this.worker = new Worker({ ...world, clock: { now: () => this.now() } }, options);
    await this.worker.start();
  }

  async stop(): Promise<void> {
    await this.worker?.stop();
    await this.projector.stop();
    await this.reads.close();
  }

  private now(): number {
    this.rounds += 1;
    return this.nowMs;
  }

  async queue(jobId: number, workItem = 'ET-001', agent = 'developer'): Promise<void> {
    const ref = { jobId, taskId: 1, workItem, repo: REPO, agent };
    const data = { ...ref, stage: 'development', visit: 1, round: 1, feedback: [], maxAttempts: 2 };
    await seed(this.log, { stream: `job-${jobId}`, type: 'JobQueued', data, workItem });
    if (agent === 'analyst') await this.admission('JobReleased', ref);
  }

  admission(type: string, data: object) {
    return seed(this.log, { stream: `admission-${REPO}`, type, data });
  }

  book(scope: 'day' | 'task', key: string, totalUsd: number) {
    const data = { scope, key, totalUsd, costUsd: totalUsd, runId: 'r', workItem: 'ET-001', unknownRuns: 0 };
    return seed(this.log, { stream: `budget-${scope}-${key}`, type: 'CostBooked', data });
  }

  breaker(type: string, data: object = {}) {
    const about = { jobId: 0, runId: 'r', reason: 'busy', consecutive: 3 };
    return seed(this.log, { stream: 'breaker', type, data: { ...about, ...data } });
  }

  async claimed(): Promise<readonly number[]> {
    const claims = await this.log.readAll({ types: ['JobClaimed'] });
    return claims.map(({ data }) => (data as { jobId: number }).jobId);
  }

  /** A job of another task that nothing holds: once it is claimed, whoever else could be claimed has been. */
  async claims(...jobs: readonly number[]): Promise<void> {
    await until(async () => (await this.claimed()).length >= jobs.length, `${jobs.join()} are claimed`);
    expect([...(await this.claimed())].sort()).toEqual([...jobs].sort());
  }
}

let folder: string;
let yard: Yard;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orchestrator-worker-'));
  yard = new Yard(folder);
});
afterEach(async () => {
  await yard.stop();
  await rm(folder, { recursive: true, force: true });
});

const today = () => toIso(yard.nowMs).slice(0, 10);

describe('a reached budget', () => {
  test('of a task keeps its jobs from starting, and nobody else’s', async () => {
    await yard.book('task', 'ET-001', 0.5);
    await yard.queue(1, 'ET-001');
    await yard.queue(2, 'ET-002');
    await yard.start();
    await yard.claims(2);
  });

  test('of the day keeps every job from starting until the next day begins', async () => {
    await yard.book('day', today(), 1);
    await yard.queue(1);
    await yard.start();
    await until(() => yard.rounds > 6, 'the worker has looked more than once');
    await yard.claims();
    yard.nowMs += 24 * 3_600_000;
    await yard.claims(1);
    const [claim] = await yard.log.readAll({ types: ['JobClaimed'] });
    expect(claim?.metadata.command?.at.slice(0, 10)).toBe(today());
  });

  test('is lifted by a higher limit', async () => {
    await yard.book('day', today(), 1);
    await yard.queue(1);
    await yard.start(policyWith({ budget: { dayUsd: 2, taskUsd: 0 } }));
    await yard.claims(1);
  });
});

describe('an open breaker', () => {
  test('lets one job through as a probe and the rest once it is closed', async () => {
    await yard.breaker('BreakerOpened', { until: toIso(yard.nowMs - 1) });
    await yard.queue(1);
    await yard.queue(2);
    await yard.start();
    await yard.claims(1);
    await yard.breaker('BreakerClosed');
    await yard.claims(1, 2);
  });
});

describe('a repository that is frozen between the release of a job and its claim', () => {
  test('starts no analysis: the claim is refused, and made when the job is released again', async () => {
    await yard.queue(1, 'ET-001', 'analyst');
    let frozen = false;
    yard.beforeClaim = async () => {
      if (frozen) return;
      frozen = true;
      const about = { jobId: 1, taskId: 1, workItem: 'ET-001', repo: REPO };
      await yard.admission('RepoFrozen', { repo: REPO, causeId: 'c' });
      await yard.admission('JobHeld', { ...about, reasons: [] });
    };
    await yard.start();
    await until(() => frozen, 'the worker has tried');
    await yard.queue(2);
    await yard.claims(2);
    await yard.admission('JobReleased', { jobId: 1, taskId: 1, workItem: 'ET-001', repo: REPO });
    await yard.claims(1, 2);
  });
});
