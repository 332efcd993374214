import { stringify } from 'yaml';
import { ReportWatchLogPublished } from '../../domain/post-deploy/commands.js';
import type { RollbackFailed, WatchEnded } from '../../domain/post-deploy/events.js';
import { windowSeconds } from '../../domain/post-deploy/schedule.js';
import type { Worktrees } from '../../integrations/worktrees.js';
import { assert } from '../../kernel/assert.js';
import type { Recorded, RecordedEvent } from '../../kernel/event.js';
import { fromIso } from '../../kernel/time.js';
import type { WatchRow } from '../../projections/post-deploy/watches.js';
import type { Work } from '../../projections/work.js';
import type { Effect, Outcome } from '../effect.js';

type Told = WatchEnded | RollbackFailed;

/** Writes what became of production as 16-post-deploy-log.md, on the branch that is kept after the task (ART-16, PD-09). */
export class WatchLogs implements Effect<Told> {
  readonly effectClass = 'conditional';

  constructor(
    readonly intent: Told['type'],
    private readonly work: Work,
    private readonly worktrees: Worktrees,
  ) {}

  lane({ stream }: RecordedEvent<Told>): string {
    return `log ${stream}`;
  }

  async act(event: RecordedEvent<Told>, outcome: Outcome): Promise<void> {
    const { repo, watchId, workItem, taskId } = event.data;
    const task = await this.work.task(taskId);
    assert(task, `task ${taskId} is in the read models`);
    const key = { repo, workItem, branch: task.branch };
    const path = `docs/work-items/${workItem}/16-post-deploy-log.md`;
    const text = await this.text(event as Recorded<Told>);
    const { head } = await this.worktrees.publishFiles(key, { [path]: text }, `${workItem}: post-deploy`);
    // The task has ended long ago, and nobody else would give the worktree back.
    await this.worktrees.remove(key);
    await outcome.report(ReportWatchLogPublished, event.stream, { repo, watchId, workItem, head });
  }

  private async text({ type, data }: Recorded<Told>): Promise<string> {
    if (type === 'RollbackFailed') return failedRollbackLog(data, await this.watch(data.watchId));
    return data.rollbackOf === null ? watchLog(data) : rollbackLog(data, await this.watch(data.rollbackOf));
  }

  private async watch(id: number): Promise<WatchRow> {
    const watch = await this.work.watch(id);
    assert(watch, `watch ${id} is in the read models`);
    return watch;
  }
}

type Ended = WatchEnded['data'];

/** Frontmatter for programs, the rest for people. */
export function watchLog(data: Ended): string {
  const { status, action, workItem, schedule } = data;
  const head = {
    post_deploy_status: status,
    action_taken: action,
    work_item: workItem,
    window_s: windowSeconds(schedule),
  };
  return document({ ...head, ...countsIn(data), ...deployIn(data) }, titleOf(data), wordsOf(data));
}

/** The item stays what it was judged to be; what came of its rollback stands beside it. */
export function rollbackLog(data: Ended, undone: WatchRow): string {
  const rollback = { post_deploy_status: data.status, ...countsIn(data), ...deployIn(data) };
  return document({ ...headOf(undone), rollback }, titleOf(data), [...reasonOf(undone), ...wordsOf(data)]);
}

export function failedRollbackLog({ deployId, reason }: RollbackFailed['data'], undone: WatchRow): string {
  const rollback = { post_deploy_status: 'FAILED', deploy_id: deployId };
  const title = `The rollback (deploy ${deployId}) failed`;
  return document({ ...headOf(undone), rollback }, title, [...reasonOf(undone), `Rollback: ${reason}`]);
}

function headOf(row: WatchRow): object {
  return {
    post_deploy_status: row.status,
    action_taken: row.action,
    work_item: row.work_item_id,
    window_s: (fromIso(row.until) - fromIso(row.started_at)) / 1000,
    checks_total: row.checks_total,
    checks_failed: row.checks_failed,
    checks_unmeasured: row.checks_unmeasured,
    checks_missed: row.checks_missed,
    deploy_id: row.deploy_id,
    revision: row.head,
  };
}

function countsIn({ checks: { total, failed, unmeasured, missed } }: Ended): object {
  return { checks_total: total, checks_failed: failed, checks_unmeasured: unmeasured, checks_missed: missed };
}

function deployIn({ deployId, revision }: Ended): object {
  return { deploy_id: deployId, revision: revision?.head ?? null };
}

function titleOf({ rollbackOf, deployId, status }: Ended): string {
  return `Production after ${rollbackOf === null ? 'deploy' : 'rollback'} ${deployId ?? 'by an agent'}: ${status}`;
}

function reasonOf({ status, reason }: WatchRow): readonly string[] {
  return [`Before: ${status}, ${reason}`];
}

function wordsOf({ reason, action, actionReason, schedule, endedAt }: Ended): readonly string[] {
  const { startedAt, until, intervalMs, threshold } = schedule;
  return [
    reason,
    ...(actionReason === null ? [] : [`${action}: ${actionReason}`]),
    `Watched from ${startedAt} to ${endedAt}, every ${intervalMs / 1000} s until ${until}`,
    `${threshold} failed checks in a row are DEGRADED`,
  ];
}

function document(head: object, title: string, words: readonly string[]): string {
  return ['---', stringify(head).trimEnd(), '---', '', `# ${title}`, '', ...words.map((word) => `* ${word}`), ''].join(
    '\n',
  );
}
