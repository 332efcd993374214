import { stringify } from 'yaml';
import { ReportWatchLogPublished } from '../../domain/post-deploy/commands.js';
import type { WatchEnded } from '../../domain/post-deploy/events.js';
import { windowSeconds } from '../../domain/post-deploy/schedule.js';
import type { Worktrees } from '../../integrations/worktrees.js';
import { assert } from '../../kernel/assert.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { WatchRow } from '../../projections/post-deploy/watches.js';
import type { Work } from '../../projections/work.js';
import type { Effect, Outcome } from '../effect.js';

/** Writes what the watch came to as 16-post-deploy-log.md, on the branch that is kept after the task (ART-16, PD-09). */
export class WatchLogs implements Effect<WatchEnded> {
  readonly intent = 'WatchEnded';
  readonly effectClass = 'conditional';

  constructor(
    private readonly work: Work,
    private readonly worktrees: Worktrees,
  ) {}

  lane({ stream }: RecordedEvent<WatchEnded>): string {
    return `log ${stream}`;
  }

  async act({ stream, data }: RecordedEvent<WatchEnded>, outcome: Outcome): Promise<void> {
    const { repo, watchId, workItem } = data;
    const task = await this.work.task(data.taskId);
    assert(task, `task ${data.taskId} is in the read models`);
    const undone = data.rollbackOf === null ? null : await this.work.watch(data.rollbackOf);
    const key = { repo, workItem, branch: task.branch };
    const path = `docs/work-items/${workItem}/16-post-deploy-log.md`;
    const text = undone ? rollbackLog(data, undone) : watchLog(data);
    const message = `${workItem}: post-deploy — ${data.status}`;
    const { head } = await this.worktrees.publishFiles(key, { [path]: text }, message);
    // The task has ended long ago, and nobody else would give the worktree back.
    await this.worktrees.remove(key);
    await outcome.report(ReportWatchLogPublished, stream, { repo, watchId, workItem, head });
  }
}

type Ended = WatchEnded['data'];

/** Frontmatter for programs, the rest for people. */
export function watchLog(data: Ended): string {
  return document(
    {
      post_deploy_status: data.status,
      action_taken: data.action,
      work_item: data.workItem,
      window_s: windowSeconds(data.schedule),
      ...countsIn(data),
      ...deployIn(data),
    },
    data,
  );
}

/** The item stays what it was judged to be; what came of its rollback stands beside it. */
export function rollbackLog(data: Ended, undone: WatchRow): string {
  return document(
    {
      post_deploy_status: undone.status,
      action_taken: undone.action,
      work_item: data.workItem,
      window_s: windowSeconds(data.schedule),
      checks_total: undone.checks_total,
      checks_failed: undone.checks_failed,
      deploy_id: undone.deploy_id,
      revision: undone.head,
      rollback: { post_deploy_status: data.status, ...countsIn(data), ...deployIn(data) },
    },
    data,
  );
}

function countsIn({ checks: { total, failed, unmeasured, missed } }: Ended): object {
  return { checks_total: total, checks_failed: failed, checks_unmeasured: unmeasured, checks_missed: missed };
}

function deployIn({ deployId, revision }: Ended): object {
  return { deploy_id: deployId, revision: revision?.head ?? null };
}

function document(head: object, { status, reason, deployId, rollbackOf, schedule, endedAt }: Ended): string {
  const what = rollbackOf === null ? 'deploy' : 'rollback';
  return [
    ...['---', stringify(head).trimEnd(), '---', ''],
    `# Production after ${what} ${deployId ?? 'by an agent'}: ${status}`,
    '',
    `${reason[0]?.toUpperCase()}${reason.slice(1)}.`,
    '',
    `Watched from ${schedule.startedAt} to ${endedAt}, every ${schedule.intervalMs / 1000} s until ${schedule.until}; ` +
      `${schedule.threshold} failed checks in a row are DEGRADED.`,
    '',
  ].join('\n');
}
