import type { CommandBus } from '@nestjs/cqrs';
import { Aggregates } from '../../../src/commands/aggregates.js';
import { DECIDERS } from '../../../src/commands/deciders.js';
import { Transact } from '../../../src/commands/transact.js';
import type { LeaseInstance } from '../../../src/domain/merge-lease/events.js';
import { type LeaseKey, MergeLeases } from '../../../src/effects/merge-lease/merge-leases.js';
import { InMemoryEventLog } from '../../../src/event-log/in-memory/in-memory-event-log.js';
import { InMemorySnapshots } from '../../../src/event-log/snapshots.js';
import { assert } from '../../../src/kernel/assert.js';
import type { Command } from '../../../src/kernel/command.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { START_MS } from '../../support/given.js';
import { AGENT_PROJECT, DEFAULT_POLICY } from '../../support/policy.js';

export const KEY: LeaseKey = {
  repo: 'orchestrator',
  branch: 'feature/ORCH-059',
  workItem: 'ORCH-059',
  taskId: 42,
  causedBy: 'intent',
};
export const OTHER: LeaseKey = { ...KEY, branch: 'feature/ORCH-060', workItem: 'ORCH-060', taskId: 43 };

/** A log in memory, the deciders that are in force, a clock that is set, and as many orchestrators as are asked for. */
export class LeaseWorld {
  readonly log = new InMemoryEventLog();
  now = START_MS;
  readonly clock = { now: () => this.now };
  readonly stopping = new AbortController();
  readonly policy: Policy;
  readonly commands: CommandBus;
  private starts = 0;

  constructor(
    ttlS = 300,
    readonly gateRepos: readonly string[] = [],
  ) {
    const merge = { ...DEFAULT_POLICY.merge, lockTimeoutS: ttlS, gateRepos };
    const projects = [...DEFAULT_POLICY.projects, { ...AGENT_PROJECT, repo: 'sample' }];
    this.policy = { ...DEFAULT_POLICY, merge, projects };
    const transact = new Transact(this.log, new Aggregates(this.log, new InMemorySnapshots()), this.policy);
    const execute = (command: Command) => transact.run(deciderOf(command.stream), command);
    this.commands = { execute } as unknown as CommandBus;
  }

  keeper(instance: Partial<LeaseInstance> = {}): MergeLeases {
    this.starts += 1;
    const start = { id: `start-${this.starts}`, pid: process.pid, startTicks: null, bootId: null, ...instance };
    return new MergeLeases(this, start);
  }

  async types(stream = 'merge-lease-orchestrator'): Promise<readonly string[]> {
    const events = await this.log.readStream(stream, { after: -1, limit: 100 });
    return events.map(({ type }) => type);
  }
}

function deciderOf(stream: string) {
  const decider = DECIDERS.find(({ category }) => `${stream}-`.startsWith(`${category}-`));
  assert(decider, `somebody decides ${stream}`);
  return decider;
}
