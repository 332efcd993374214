import { ReportArtifactsMerged, ReportArtifactsMergeRefused } from '../../domain/landing/commands.js';
import type { ArtifactsMergeRequested } from '../../domain/landing/events.js';
import type { Forge } from '../../integrations/forge.js';
import type { Worktrees } from '../../integrations/worktrees.js';
import { assert } from '../../kernel/assert.js';
import type { Clock } from '../../kernel/clock.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { HeldLease } from '../../kernel/pipeline/held-lease.js';
import { projectOf, type Policy } from '../../kernel/pipeline/policy.js';
import type { TaskRow } from '../../projections/task/tasks.js';
import type { Work } from '../../projections/work.js';
import type { Effect, Outcome } from '../effect.js';
import { fencedBy } from '../merge-lease/fenced.js';
import type { MergeLeases } from '../merge-lease/merge-leases.js';
import { MergeRefusals } from '../task/merge-refusals.js';
import { MergeUndecided } from '../task/merges.js';

export interface ArtifactWorld {
  readonly forge: Forge;
  readonly worktrees: Worktrees;
  readonly work: Pick<Work, 'taskOf'>;
  readonly clock: Clock;
  readonly policy: Policy;
}

type Requested = RecordedEvent<ArtifactsMergeRequested>;

interface Landing {
  readonly event: Requested;
  readonly task: TaskRow;
  readonly head: string;
}

const ARTIFACTS = 'docs/work-items/';
const NAMED_MAX = 10;

/**
 * Brings the branch of an ended task to the default branch once more, with what was written after the merge. Whatever else has come to the
 * branch since was judged by nobody and is not let through.
 */
export class ArtifactMerges implements Effect<ArtifactsMergeRequested> {
  readonly intent = 'ArtifactsMergeRequested';
  readonly effectClass = 'conditional';
  private readonly refusals: MergeRefusals;

  constructor(
    private readonly world: ArtifactWorld,
    private readonly leases: MergeLeases,
  ) {
    this.refusals = new MergeRefusals(world);
  }

  lane({ stream }: Requested): string {
    return `artifacts ${stream}`;
  }

  async act(event: Requested, outcome: Outcome, stopping: AbortSignal): Promise<void> {
    const { repo, workItem } = event.data;
    const task = await this.world.work.taskOf(workItem);
    assert(task, `${workItem} has a task`);
    const branch = await this.world.worktrees.branchState(repo, task.branch);
    if (branch === null) return this.refuse(event, outcome, `the branch ${task.branch} is gone`);
    const landing = { event, task, head: branch.head };
    if (await this.reportLanded(landing, outcome)) return;
    const key = { repo, branch: task.branch, workItem, taskId: task.id, causedBy: event.id };
    const work = (lease: HeldLease) => this.merge(landing, fencedBy(lease, outcome), lease);
    await this.leases.whileHolding(key, work, stopping);
  }

  private async merge(landing: Landing, outcome: Outcome, lease: HeldLease): Promise<void> {
    const { event, task, head } = landing;
    const { forge, worktrees } = this.world;
    const files = await worktrees.filesToLand(task.repo, head);
    const others = files.filter((file) => !file.startsWith(ARTIFACTS)).slice(0, NAMED_MAX);
    if (others.length > 0)
      return this.refuse(event, outcome, `the branch brings more than documents: ${others.join(', ')}`);
    const { number } = await forge.openPullRequest(task.repo, this.requestFor(task));
    const title = `${task.work_item_id}: documents`;
    const answer = await forge.merge(lease, { number, head, title });
    if (await this.reportLanded(landing, outcome)) return;
    const reason = await this.refusals.reasonIn(answer, { attempt: event.id, repo: task.repo, head });
    if (reason === null) throw new MergeUndecided(number, 'reason' in answer ? answer.reason : answer.kind);
    await this.refuse(event, outcome, reason);
  }

  private requestFor({ repo, branch: head, work_item_id: workItem }: TaskRow) {
    const base = projectOf(this.world.policy, repo)?.defaultBranch ?? 'main';
    const body = `What was written about ${workItem} after its merge. No code.`;
    return { head, base, title: `${workItem}: documents`, body };
  }

  private async reportLanded({ event, task, head }: Landing, outcome: Outcome): Promise<boolean> {
    const landed = await this.world.worktrees.landedAs(task.repo, head);
    if (landed === null) return false;
    this.refusals.forget(event.id);
    const { workItem, repo } = event.data;
    await outcome.report(ReportArtifactsMerged, event.stream, { workItem, repo, head, commit: landed.head });
    return true;
  }

  private async refuse(event: Requested, outcome: Outcome, reason: string): Promise<void> {
    this.refusals.forget(event.id);
    const { workItem, repo } = event.data;
    await outcome.report(ReportArtifactsMergeRefused, event.stream, { workItem, repo, reason });
  }
}
