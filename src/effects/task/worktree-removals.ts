import { ReportWorktreeRemoved } from '../../domain/task/commands.js';
import type { TaskAdvanced, TaskCancelled } from '../../domain/task/events.js';
import { assert } from '../../kernel/assert.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { Worktrees } from '../../integrations/worktrees.js';
import type { Work } from '../../projections/work.js';
import type { Effect, Outcome } from '../effect.js';

type Ended = TaskAdvanced | TaskCancelled;

/** An ended task gives its worktree back; the branch is kept. */
export class WorktreeRemovals implements Effect<Ended> {
  readonly effectClass = 'conditional';

  constructor(
    readonly intent: Ended['type'],
    private readonly work: Work,
    private readonly worktrees: Worktrees,
  ) {}

  lane({ data }: RecordedEvent<Ended>): string {
    return `worktree ${data.taskId}`;
  }

  async act({ stream, data }: RecordedEvent<Ended>, outcome: Outcome): Promise<void> {
    const task = await this.work.task(data.taskId);
    assert(task, `task ${data.taskId} is in the read models`);
    await this.worktrees.remove({ repo: task.repo, workItem: task.work_item_id, branch: task.branch });
    await outcome.report(ReportWorktreeRemoved, stream, {});
  }
}
