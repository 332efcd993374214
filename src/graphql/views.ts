import type { RecordedEvent } from '../kernel/event.js';
import type { DeployRow } from '../projections/deploy/deploys.js';
import type { AgentRunRow } from '../projections/job/job-queries.js';
import type { JobRow } from '../projections/job/jobs.js';
import type { WatchRow } from '../projections/post-deploy/watches.js';
import type { RepoQueue } from '../projections/queue/repo-queue.js';
import type { TaskRow } from '../projections/task/tasks.js';

/** A row with its columns in camelCase; most fields of the schema need no more than that. */
export type View = Readonly<Record<string, unknown>>;

/** What a loader needs to find what belongs to a task, a job, or a run. */
export type TaskView = View & { readonly taskId: number; readonly workItem: string };
export type JobView = View & { readonly taskId: number | null; readonly runId: string | null; readonly status: string };
export type RunView = View & { readonly runDirectory: string | null };

export function camelCase(row: object): View {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [camel(column), value as unknown]));
}

export function taskView(row: TaskRow): TaskView {
  const { gate, gate_answer: answer, gate_reason: reason } = row;
  return {
    ...camelCase(row),
    taskId: row.id,
    workItem: row.work_item_id,
    escalated: row.escalated === 1,
    waits: JSON.parse(row.waits) as unknown,
    lastGate: gate === null ? null : { gate, answer, reason },
  };
}

export function jobView(row: JobRow): JobView {
  const { task_id: taskId, run_id: runId, status } = row;
  return { ...camelCase(row), workItem: row.work_item_id, taskId, runId, status };
}

export function runView(row: AgentRunRow): RunView {
  return { ...camelCase(row), runDirectory: row.run_directory };
}

export function deployView(row: DeployRow): View {
  return camelCase(row);
}

export function watchView(row: WatchRow): View {
  return { ...camelCase(row), workItem: row.work_item_id, isRollback: row.rollback_of !== null };
}

export function eventView(event: RecordedEvent): View {
  const { $correlationId: correlationId, $causationId: causationId, actor } = event.metadata;
  return { ...event, position: String(event.position), correlationId, causationId, actor };
}

export function repoQueueView(name: string, { waiting, paused, active_task, freeze_causes, ...rest }: RepoQueue): View {
  return {
    name,
    ...camelCase(rest),
    activeTask: active_task && { workItem: active_task.work_item_id, stage: active_task.stage },
    freezeCauses: freeze_causes.map((cause) => ({ ...cause, workItem: cause.work_item_id })),
    waiting: waiting.map((job) => ({ ...camelCase(job), workItem: job.work_item_id })),
    paused: paused.map((task) => ({ ...camelCase(task), workItem: task.work_item_id })),
  };
}

function camel(column: string): string {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
