import type { QueryBus } from '@nestjs/cqrs';
import type { RunFiles } from '../kernel/pipeline/run-files.js';
import { DeploysOfTasks } from '../projections/deploy/deploy-queries.js';
import { FindRuns, JobsOfTasks, RunsOfTasks } from '../projections/job/job-queries.js';
import { CostsOfTasks, FindTasks, PrerequisitesOfTasks } from '../projections/task/task-queries.js';
import { WatchesOfTasks } from '../projections/post-deploy/watch-queries.js';
import { WhyOfTasks } from '../projections/why/why-queries.js';
import { TimelineOf } from '../projections/timeline/timeline-queries.js';
import type { Reason } from '../projections/why/reason.js';
import {
  deployView,
  jobView,
  runView,
  taskView,
  watchView,
  type JobView,
  type RunView,
  type TaskView,
} from './views.js';

interface Asked<Parent, Params = object> {
  readonly obj: Parent;
  readonly params: Params;
}

/** Fields that need another table: one query for all parents of a level, never one per parent. */
export function loadersOf(queries: QueryBus, files: RunFiles) {
  return {
    Task: taskLoaders(queries),
    Job: jobLoaders(queries),
    Run: {
      progress: (asked: readonly Asked<RunView>[]) =>
        Promise.all(asked.map(({ obj }) => files.progress(obj.runDirectory))),
      logTail: (asked: readonly Asked<RunView, { lines: number }>[]) =>
        Promise.all(asked.map(({ obj, params }) => files.tail(obj.runDirectory, params.lines))),
    },
  };
}

function taskLoaders(queries: QueryBus) {
  return {
    ...productionLoaders(queries),
    async jobs(asked: readonly Asked<TaskView>[]) {
      const rows = await queries.execute(new JobsOfTasks(taskIds(asked)));
      return asked.map(({ obj }) => rows.filter((row) => row.task_id === obj.taskId).map(jobView));
    },
    async activeJob(asked: readonly Asked<TaskView>[]) {
      const rows = await queries.execute(new JobsOfTasks(taskIds(asked)));
      const active = rows.filter((row) => row.status === 'queued' || row.status === 'running').map(jobView);
      return asked.map(({ obj }) => active.find((job) => job.taskId === obj.taskId) ?? null);
    },
    async runs(asked: readonly Asked<TaskView>[]) {
      const rows = await queries.execute(new RunsOfTasks(taskIds(asked)));
      return asked.map(({ obj }) => rows.filter((row) => row.task_id === obj.taskId).map(runView));
    },
    async dependsOn(asked: readonly Asked<TaskView>[]) {
      const rows = await queries.execute(new PrerequisitesOfTasks(taskIds(asked)));
      return asked.map(({ obj }) => rows.filter((row) => row.dependent_id === obj.taskId).map(taskView));
    },
    async costUsd(asked: readonly Asked<TaskView>[]) {
      const rows = await queries.execute(new CostsOfTasks(taskIds(asked)));
      const costs = new Map(rows.map((row) => [row.task_id, row.cost_usd]));
      return asked.map(({ obj }) => costs.get(obj.taskId) ?? null);
    },
    async waits(asked: readonly Asked<TaskView>[]) {
      const whys = await queries.execute(new WhyOfTasks(taskIds(asked)));
      const reasons = new Map(whys.map((why) => [why.work_item, why.reasons.map(reasonView)]));
      return asked.map(({ obj }) => reasons.get(obj.workItem) ?? []);
    },
    timeline: (asked: readonly Asked<TaskView>[]) =>
      Promise.all(asked.map(({ obj }) => queries.execute(new TimelineOf(obj.workItem)))),
  };
}

function productionLoaders(queries: QueryBus) {
  return {
    async deploys(asked: readonly Asked<TaskView>[]) {
      const rows = await queries.execute(new DeploysOfTasks(taskIds(asked)));
      return asked.map(({ obj }) => rows.filter((row) => row.task_id === obj.taskId).map(deployView));
    },
    async watches(asked: readonly Asked<TaskView>[]) {
      const rows = await queries.execute(new WatchesOfTasks(taskIds(asked)));
      return asked.map(({ obj }) => rows.filter((row) => row.task_id === obj.taskId).map(watchView));
    },
  };
}

function reasonView({ position, ...reason }: Reason) {
  return { ...reason, position: position === null ? null : String(position) };
}

function jobLoaders(queries: QueryBus) {
  return {
    async run(asked: readonly Asked<JobView>[]) {
      const ids = asked.flatMap(({ obj }) => (obj.runId === null ? [] : [obj.runId]));
      const rows = await queries.execute(new FindRuns(ids));
      const runs = new Map(rows.map((row) => [row.id, runView(row)]));
      return asked.map(({ obj }) => (obj.runId === null ? null : (runs.get(obj.runId) ?? null)));
    },
    async heldBy(asked: readonly Asked<JobView>[]) {
      const ids = asked.flatMap(({ obj }) => (obj.taskId === null ? [] : [obj.taskId]));
      const tasks = (await queries.execute(new FindTasks(ids))).map(taskView);
      return asked.map(({ obj }) => holderOf(obj, tasks));
    },
  };
}

/** Only analyst jobs pass the gate; the others of a task that waits go on. */
function holderOf(job: JobView, tasks: readonly TaskView[]): string | null {
  if (job.status !== 'queued' || job['agent'] !== 'analyst') return null;
  const waits = tasks.find((task) => task.taskId === job.taskId)?.['waits'];
  return (waits as readonly { readonly ref: string }[] | undefined)?.[0]?.ref ?? null;
}

function taskIds(asked: readonly Asked<TaskView>[]): readonly number[] {
  return asked.map(({ obj }) => obj.taskId);
}
