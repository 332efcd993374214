import { Logger } from '@nestjs/common';
import {
  DeclareDependency,
  ReportPrerequisiteEnded,
  WithdrawDependency,
  type Edge,
} from '../../domain/admission/commands.js';
import { BY_RELATION, pathBetween } from '../../domain/admission/dependencies.js';
import type { Blocker } from '../../domain/inbox/events.js';
import type { ItemRef, Tracker } from '../../integrations/tracker.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { isTerminal } from '../../kernel/pipeline/stage.js';
import type { TaskRow } from '../../projections/task/tasks.js';
import type { Work } from '../../projections/work.js';
import type { Outcome } from '../effect.js';
import { workItemId } from './work-item-id.js';

const ENDED_GROUPS: readonly string[] = ['completed', 'cancelled'];

/** What the tracker's relations say about who waits for whom (UNK-20). */
export class Relations {
  private readonly logger = new Logger('relations');

  constructor(
    private readonly tracker: Tracker,
    private readonly work: Work,
    private readonly policy: Policy,
  ) {}

  /** Without those that nobody here can name, and those that would close a circle. */
  async blockersOf(workItem: string, item: ItemRef): Promise<readonly Blocker[]> {
    const edges = await this.work.openEdges();
    const blockers: Blocker[] = [];
    for (const ref of await this.tracker.blockedBy(item.projectId, item.itemId)) {
      const blocker = await this.blockerAt(ref);
      if (blocker && !this.closesCircle(workItem, blocker.workItem, edges)) blockers.push(blocker);
    }
    return blockers;
  }

  /** Declares what is new and withdraws what is gone, for a task that has not been let in yet; what the operator declared stays. */
  async sync(task: TaskRow, outcome: Outcome): Promise<void> {
    if (isTerminal(task.stage) || task.admitted_at !== null) return;
    const blockers = await this.blockersOf(task.work_item_id, { projectId: task.project_id, itemId: task.plane_id });
    const declared = await this.work.dependenciesOf(task.id);
    for (const blocker of blockers) {
      if (!declared.some((row) => row.depends_on === blocker.workItem)) await this.declare(task, blocker, outcome);
      else if (blocker.ended) await this.reportEnded(task, blocker, outcome);
    }
    const gone = declared.filter((row) => !blockers.some(({ workItem }) => workItem === row.depends_on));
    for (const { declared_by, depends_on } of gone)
      if (declared_by === BY_RELATION) await this.withdraw(task, depends_on, outcome);
  }

  /** By the item's task, if it has one; else by its status. Null for an item of a project that is not ours. */
  private async blockerAt({ projectId, itemId }: ItemRef): Promise<Blocker | null> {
    const project = this.policy.projects.find((candidate) => candidate.planeProjectId === projectId);
    const item = project && (await this.tracker.workItem(projectId, itemId));
    if (!item) return null;
    const workItem = workItemId(project.prefix, item.sequenceId);
    const task = await this.work.taskOf(workItem);
    if (task) return { workItem, ended: isTerminal(task.stage) };
    const status = (await this.tracker.statuses(projectId)).find(({ id }) => id === item.statusId);
    return { workItem, ended: status !== undefined && ENDED_GROUPS.includes(status.group) };
  }

  private closesCircle(workItem: string, blocker: string, edges: readonly Edge[]): boolean {
    const path = pathBetween(blocker, workItem, edges);
    if (path)
      this.logger.warn(`the relation "${workItem} is blocked by ${blocker}" closes a circle: ${path.join(' → ')}`);
    return path !== null;
  }

  private declare(task: TaskRow, { workItem: dependsOn, ended }: Blocker, outcome: Outcome): Promise<void> {
    const declaration = { ...refOf(task), dependsOn, ended, elsewhere: [] };
    return outcome.report(DeclareDependency, admissionOf(task), declaration, aboutRelation(task, dependsOn));
  }

  private withdraw(task: TaskRow, dependsOn: string, outcome: Outcome): Promise<void> {
    const withdrawal = { ...refOf(task), dependsOn };
    return outcome.report(WithdrawDependency, admissionOf(task), withdrawal, aboutRelation(task, dependsOn));
  }

  private reportEnded(task: TaskRow, { workItem }: Blocker, outcome: Outcome): Promise<void> {
    const ended = { repo: task.repo, workItem };
    return outcome.report(ReportPrerequisiteEnded, admissionOf(task), ended, aboutRelation(task, workItem));
  }
}

function refOf({ repo, id: taskId, work_item_id: workItem }: TaskRow) {
  return { repo, taskId, workItem };
}

function admissionOf({ repo }: TaskRow): string {
  return `admission-${repo}`;
}

function aboutRelation({ work_item_id }: TaskRow, key: string) {
  return { correlationId: work_item_id, actor: BY_RELATION, key };
}
