import { AnswerGateCheck, type GateReading } from '../../domain/task/commands.js';
import type { GateCheckRequested } from '../../domain/task/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { HeldLease } from '../../kernel/pipeline/held-lease.js';
import type { Effect, Outcome } from '../effect.js';
import { fencedBy } from '../merge-lease/fenced.js';
import type { MergeLeases } from '../merge-lease/merge-leases.js';
import type { GateReaders } from './gate-readers.js';
import type { CaughtUp, MergeGate } from './merge-gate.js';

type Check = GateCheckRequested['data'];
type Event = RecordedEvent<GateCheckRequested>;

/** Reads the gates in their order. The merge gate is the one that also acts, so it and what comes after it are done under the lease. */
export class GateChecks implements Effect<GateCheckRequested> {
  readonly intent = 'GateCheckRequested';
  readonly effectClass = 'probeable';

  constructor(
    private readonly readers: GateReaders,
    private readonly mergeGate: MergeGate,
    private readonly leases: MergeLeases,
  ) {}

  lane({ data }: Event): string {
    return `task ${data.taskId}`;
  }

  async act(event: Event, outcome: Outcome, stopping: AbortSignal): Promise<void> {
    const { gates, repo } = event.data;
    const merge = this.mergeGate.isInForce(repo) ? gates.indexOf('check_branch_mergeable') : -1;
    const before = merge < 0 ? gates : gates.slice(0, merge);
    const readings = await this.readers.read({ ...event.data, gates: before });
    if (merge < 0 || readings.some(({ answer }) => answer !== 'passed')) return answered(event, outcome, { readings });
    const work = (lease: HeldLease, signal: AbortSignal) =>
      this.mergeable(event, fencedBy(lease, outcome), { readings, lease, signal });
    await this.leases.whileHolding({ ...event.data, causedBy: event.id }, work, stopping);
  }

  /** Answered before the lease is given back: what nobody could record under it has not happened. */
  private async mergeable(event: Event, outcome: Outcome, { readings, lease, signal }: UnderLease): Promise<void> {
    const caughtUp = await this.mergeGate.read(event.data, lease, signal);
    const after = caughtUp.reading.answer === 'passed' ? await this.afterwards(event.data, caughtUp) : [];
    const { reading, ...rebased } = caughtUp;
    await answered(event, outcome, { readings: [...readings, reading, ...after], ...rebased });
  }

  /** What staging ran is not what would be merged, once a rebase brought other code in (AMB-28). */
  private afterwards(check: Check, { rebased }: CaughtUp): Promise<readonly GateReading[]> {
    const gates = check.gates.slice(check.gates.indexOf('check_branch_mergeable') + 1);
    const commit = rebased?.to ?? check.commit;
    if (commit.codeTree === check.commit.codeTree) return this.readers.read({ ...check, gates, commit });
    const reason = `staging ran the code of ${check.commit.head}, before the rebase`;
    const evidence = { staged: check.commit.head, expected: commit.head };
    return Promise.resolve([{ gate: 'check_staging_image_fresh', answer: 'outdated', reason, evidence }]);
  }
}

interface UnderLease {
  readonly readings: readonly GateReading[];
  readonly lease: HeldLease;
  readonly signal: AbortSignal;
}

type Answered = Pick<AnswerGateCheck['payload'], 'readings' | 'rebased'>;

function answered({ stream, data }: Event, outcome: Outcome, answer: Answered): Promise<void> {
  const { visit, round, commit } = data;
  return outcome.report(AnswerGateCheck, stream, { visit, round, head: commit.head, ...answer });
}
