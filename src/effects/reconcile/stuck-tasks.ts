import type { ArtifactWritten, GateCheckRequested } from '../../domain/task/events.js';
import { RECONCILER } from '../../domain/task/judge.js';
import { HUMAN_GATES, isWorkingStage, STAGE_TABLE } from '../../domain/task/stages.js';
import type { Clock } from '../../kernel/clock.js';
import { projectOf, type Policy, type ProjectPolicy } from '../../kernel/pipeline/policy.js';
import type { Gate, Stage, StatusKey } from '../../kernel/pipeline/stage.js';
import { fromIso } from '../../kernel/time.js';
import type { Tracker } from '../../integrations/tracker.js';
import type { TaskRow } from '../../projections/task/tasks.js';
import { statusKeyOf } from '../inbox/statuses.js';
import type { GateReaders } from '../task/gate-readers.js';

const LEFT_ALONE: readonly (StatusKey | null)[] = ['blocked', 'needs_input'];

/** Whether a task stands still although its gates are green (RC-04..09). */
export class StuckTasks {
  constructor(
    private readonly readers: GateReaders,
    private readonly policy: Policy,
    private readonly clock: Clock,
    private readonly tracker: Tracker,
  ) {}

  /** What costs nothing is asked first, and the tracker, whose calls are counted, last. */
  async isStuck(task: TaskRow): Promise<boolean> {
    const project = projectOf(this.policy, task.repo);
    if (!project || !this.isDue(task) || !standsStill(task)) return false;
    return (await this.isGreen(task, project)) && !(await this.isLeftToPeople(task, project));
  }

  private async isGreen(task: StandingTask, project: ProjectPolicy): Promise<boolean> {
    const gates = gatesOf(task.stage, project);
    if (gates.length === 0) return false;
    const readings = await this.readers.read(checkOf(task, gates));
    return gates.every((gate) => readings.some((reading) => reading.gate === gate && reading.answer === 'passed'));
  }

  /** RC-24: Blocked and Needs Input say that a person has it in hand; a tracker that cannot be asked says nothing (AMB-44). */
  private async isLeftToPeople(task: TaskRow, project: ProjectPolicy): Promise<boolean> {
    if (!this.policy.reconcile.skipBlockedEnabled) return false;
    try {
      const item = await this.tracker.workItem(task.project_id, task.plane_id);
      const statuses = await this.tracker.statuses(task.project_id);
      return item !== null && LEFT_ALONE.includes(statusKeyOf(statuses, item.statusId, project.statusNames));
    } catch {
      return false;
    }
  }

  private isDue(task: TaskRow): boolean {
    const { graceDefaultS, graceOverridesS } = this.policy.reconcile;
    const graceS = graceOverridesS[task.stage] ?? graceDefaultS;
    return this.clock.now() - fromIso(task.stage_entered_at) >= graceS * 1000;
  }
}

type StandingTask = TaskRow & { readonly head: string; readonly artifacts: string };

/** Its work is finished, and neither a person nor the end of its retries keeps it where it is (RC-23, AMB-22). */
function standsStill(task: TaskRow): task is StandingTask {
  return task.escalated === 0 && task.paused_at === null && task.head !== null && task.artifacts !== null;
}

/** None for analysis: only a person moves that on (RC-05). */
function gatesOf(stage: Stage, project: ProjectPolicy): readonly Gate[] {
  if (!isWorkingStage(stage) || stage === 'analysis') return [];
  return STAGE_TABLE[stage].gates(project).filter((gate) => !HUMAN_GATES.includes(gate));
}

function checkOf(task: StandingTask, gates: readonly Gate[]): GateCheckRequested['data'] {
  const { id: taskId, work_item_id: workItem, repo, branch, stage, visit, round } = task;
  // What has landed unstaged is judged by the task's own check only.
  const commit = { head: task.head, codeTree: task.code_tree ?? '' };
  const artifacts = JSON.parse(task.artifacts) as ArtifactWritten[];
  const work = { taskId, workItem, repo, branch, stage, visit, round };
  return { ...work, gates, commit, landed: null, artifacts, pullRequest: task.pull_request, trigger: RECONCILER };
}
