import { ReportMerged, ReportMergeRefused } from '../../domain/task/commands.js';
import type { MergeRequested } from '../../domain/task/events.js';
import type { Forge, MergeAnswer } from '../../integrations/forge.js';
import type { Worktrees } from '../../integrations/worktrees.js';
import type { Clock } from '../../kernel/clock.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { HeldLease } from '../../kernel/pipeline/held-lease.js';
import type { Effect, Outcome } from '../effect.js';
import { fencedBy } from '../merge-lease/fenced.js';
import type { MergeLeases } from '../merge-lease/merge-leases.js';

/** The forge is still computing, or nobody knows what became of the call; it is looked at again. */
export class MergeUndecided extends Error {
  constructor(pullRequest: number, reason: string) {
    super(`Merge of pull request ${pullRequest} is undecided: ${reason}`);
    this.name = 'MergeUndecided';
  }
}

/** A forge computes for seconds; what it does not merge for so long it is not going to merge. */
const PATIENCE_MS = 120_000;

/** Lands exactly the head that was judged. Git is asked before and after: the forge has merged and said it had not. */
export class Merges implements Effect<MergeRequested> {
  readonly intent = 'MergeRequested';
  readonly effectClass = 'conditional';
  /** By the id of the intent: when the forge first asked for time. A new process is patient anew. */
  private readonly askedForTimeAt = new Map<string, number>();

  constructor(
    private readonly forge: Forge,
    private readonly worktrees: Worktrees,
    private readonly leases: MergeLeases,
    private readonly clock: Clock,
  ) {}

  lane({ data }: RecordedEvent<MergeRequested>): string {
    return `repo ${data.repo}`;
  }

  act(event: RecordedEvent<MergeRequested>, outcome: Outcome, stopping: AbortSignal): Promise<void> {
    const work = (lease: HeldLease) => this.merge(event, fencedBy(lease, outcome), lease);
    return this.leases.whileHolding({ ...event.data, causedBy: event.id }, work, stopping);
  }

  private async merge(event: RecordedEvent<MergeRequested>, outcome: Outcome, lease: HeldLease): Promise<void> {
    const { data, stream } = event;
    if (await this.reportLanded(event, outcome)) return;
    const title = `${data.workItem}: ${data.title}`;
    const answer = await this.forge.merge(lease, { number: data.pullRequest, head: data.commit.head, title });
    if (await this.reportLanded(event, outcome)) return;
    const reason = await this.refusal(answer, event);
    if (reason === null) throw new MergeUndecided(data.pullRequest, 'reason' in answer ? answer.reason : answer.kind);
    this.askedForTimeAt.delete(event.id);
    const { visit, pullRequest } = data;
    await outcome.report(ReportMergeRefused, stream, { visit, pullRequest, reason });
  }

  /** Why it will not be merged, or null while it still may be. */
  private async refusal(answer: MergeAnswer, { id, data }: RecordedEvent<MergeRequested>): Promise<string | null> {
    if (answer.kind === 'refused') return answer.reason;
    if (answer.kind !== 'not-yet') return null;
    // Gitea answers "Please try again later" while it looks for conflicts, and in the same words for ever once it has found one.
    const files = await this.worktrees.conflictingFiles(data.repo, data.commit.head);
    if (files.length > 0) return `conflict with the default branch in ${files.join(', ')}`;
    const since = this.askedForTimeAt.get(id) ?? this.clock.now();
    this.askedForTimeAt.set(id, since);
    if (this.clock.now() - since < PATIENCE_MS) return null;
    return `${answer.reason}, and that for ${PATIENCE_MS / 1000} s`;
  }

  /** AMB-32: landed means that the default branch contains this very head. */
  private async reportLanded({ data, stream }: RecordedEvent<MergeRequested>, outcome: Outcome): Promise<boolean> {
    if (!(await this.worktrees.isInDefaultBranch(data.repo, data.commit.head))) return false;
    const request = await this.forge.pullRequest(data.repo, data.pullRequest);
    const commit = await this.worktrees.stateOf(data.repo, request?.mergeCommit ?? data.commit.head);
    await outcome.report(ReportMerged, stream, { visit: data.visit, pullRequest: data.pullRequest, commit });
    return true;
  }
}
