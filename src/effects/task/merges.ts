import { ReportPullRequestLeftOpen } from '../../domain/landing/commands.js';
import { ReportMerged, ReportMergeRefused } from '../../domain/task/commands.js';
import type { MergeRequested } from '../../domain/task/events.js';
import type { Forge } from '../../integrations/forge.js';
import type { Worktrees } from '../../integrations/worktrees.js';
import type { Clock } from '../../kernel/clock.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { HeldLease } from '../../kernel/pipeline/held-lease.js';
import { isInMergeGate, type Policy } from '../../kernel/pipeline/policy.js';
import type { Effect, Outcome } from '../effect.js';
import type { Clearances } from '../deploy/clearance.js';
import { fencedBy } from '../merge-lease/fenced.js';
import type { MergeLeases } from '../merge-lease/merge-leases.js';
import { Landings } from './landings.js';
import { MergeRefusals } from './merge-refusals.js';

/** The forge is still computing, or nobody knows what became of the call; it is looked at again. */
export class MergeUndecided extends Error {
  constructor(pullRequest: number, reason: string) {
    super(`Merge of pull request ${pullRequest} is undecided: ${reason}`);
    this.name = 'MergeUndecided';
  }
}

export interface MergeWorld {
  readonly forge: Forge;
  readonly worktrees: Worktrees;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly clearances: Pick<Clearances, 'awaited'>;
}

type Merge = RecordedEvent<MergeRequested>;

/**
 * Lands exactly the head that was judged, under the merge lease of its repository. Git is asked before and after: the forge has merged
 * and said that it had not.
 */
export class Merges implements Effect<MergeRequested> {
  readonly intent = 'MergeRequested';
  readonly effectClass = 'conditional';
  private readonly landings: Landings;
  private readonly refusals: MergeRefusals;

  constructor(
    private readonly world: MergeWorld,
    private readonly leases: MergeLeases,
  ) {
    this.landings = new Landings(world.forge, world.worktrees);
    this.refusals = new MergeRefusals(world);
  }

  /** Merges of a repository take turns by its lease; a task that is held keeps nobody else waiting. */
  lane({ data }: Merge): string {
    return `merge of task ${data.taskId}`;
  }

  /** Looked at first, so that a repository that cannot be reached takes nobody's turn. What has landed needs no lease to be true. */
  async act(event: Merge, outcome: Outcome, stopping: AbortSignal): Promise<void> {
    if (await this.reportLanded(event, outcome)) return;
    const clearance = await this.world.clearances.awaited(event.data, outcome, stopping);
    if (clearance === null) return;
    if (clearance.kind === 'unwanted') return this.reportRefused(event, outcome, { reason: clearance.reason });
    const work = (lease: HeldLease) => this.merge(event, fencedBy(lease, outcome), lease);
    await this.leases.whileHolding({ ...event.data, causedBy: event.id }, work, stopping);
  }

  private async merge(event: Merge, outcome: Outcome, lease: HeldLease): Promise<void> {
    const { workItem, title, commit, pullRequest } = event.data;
    const moved = await this.whatMoved(event);
    if (moved) return this.reportRefused(event, outcome, moved);
    const request = { number: pullRequest, head: commit.head, title: `${workItem}: ${title}` };
    const answer = await this.world.forge.merge(lease, request);
    if (await this.reportLanded(event, outcome)) return;
    // Somebody moved it between our look and the forge's, or the forge wants the documents too that came since.
    const stands = answer.kind === 'refused' ? 'isUpToDate' : 'isCodeUpToDate';
    if (await this.hasMainMoved(event, stands)) return this.reportRefused(event, outcome, MAIN_MOVED);
    const attempt = { attempt: event.id, repo: event.data.repo, head: commit.head };
    const reason = await this.refusals.reasonIn(answer, attempt);
    if (reason === null) throw new MergeUndecided(pullRequest, 'reason' in answer ? answer.reason : answer.kind);
    await this.reportRefused(event, outcome, { reason });
  }

  /** What was staged, and perhaps confirmed, is no longer what would be merged; nobody has to develop because of that. */
  private async whatMoved(event: Merge): Promise<Refusal | null> {
    if (await this.hasMainMoved(event)) return MAIN_MOVED;
    const { repo, branch, commit } = event.data;
    const now = await this.world.worktrees.branchState(repo, branch);
    if (now === null || now.head === commit.head) return null;
    return { reason: `the branch moved from ${commit.head} to ${now.head} since it was staged`, mainMoved: true };
  }

  /** Where the merge gate is in force only what stands on the default branch's code as it is was tested as it would be (AMB-28). */
  private async hasMainMoved(
    { data: { repo, commit } }: Merge,
    stands: 'isUpToDate' | 'isCodeUpToDate' = 'isCodeUpToDate',
  ): Promise<boolean> {
    return isInMergeGate(this.world.policy, repo) && !(await this.world.worktrees[stands](repo, commit.head));
  }

  private async reportLanded({ id, data, stream }: Merge, outcome: Outcome): Promise<boolean> {
    const commit = await this.landings.of(data);
    if (commit === null) return false;
    this.refusals.forget(id);
    const { visit, pullRequest, workItem, repo } = data;
    if (await this.landings.isLeftOpen(data)) {
      const leftOpen = { workItem, repo, pullRequest, commit: commit.head };
      await outcome.report(ReportPullRequestLeftOpen, `landing-${workItem}`, leftOpen);
    }
    await outcome.report(ReportMerged, stream, { visit, pullRequest, commit });
    return true;
  }

  private async reportRefused({ id, data, stream }: Merge, outcome: Outcome, why: Refusal): Promise<void> {
    this.refusals.forget(id);
    const { visit, pullRequest } = data;
    await outcome.report(ReportMergeRefused, stream, { visit, pullRequest, ...why });
  }
}

type Refusal = Pick<ReportMergeRefused['payload'], 'reason' | 'mainMoved'>;

const MAIN_MOVED: Refusal = { reason: 'the default branch moved on since the branch was staged', mainMoved: true };
