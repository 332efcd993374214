import type { AdmissionEvent, GatePartName, WaitReason } from './events.js';

export interface EnlistedTask {
  readonly taskId: number;
  readonly workItem: string;
  readonly since: string;
  /** Was let into analysis, and has not stepped back for a dependency since. */
  readonly admitted: boolean;
  readonly paused: { readonly since: string; readonly by: string } | null;
  readonly dependsOn: readonly Dependency[];
}

export interface Dependency {
  readonly workItem: string;
  readonly since: string;
  readonly by: string;
  readonly ended: boolean;
}

export interface FreezeCause {
  readonly causeId: string;
  readonly reason: string;
  readonly by: string;
  readonly since: string;
}

/** An analyst's job that waits; `held` is what was last recorded, null while nothing was. */
export interface WaitingJob {
  readonly jobId: number;
  readonly taskId: number;
  readonly workItem: string;
  readonly held: readonly WaitReason[] | null;
  readonly released: boolean;
}

export interface AdmissionState {
  /** Unfinished tasks, in order of their numbers. */
  readonly tasks: readonly EnlistedTask[];
  readonly freezes: readonly FreezeCause[];
  /** In order of the jobs' numbers. */
  readonly waiting: readonly WaitingJob[];
  /** The newest tasks that left: told of again, they do not come back. */
  readonly retired: readonly number[];
  /** Parts of the gate that failed when they were last asked; absent in what an earlier release remembered. */
  readonly faults?: readonly GatePartName[];
}

const RETIRED_MAX = 500;

export const EMPTY_REPO: AdmissionState = { tasks: [], freezes: [], waiting: [], retired: [] };

type Applied<T extends AdmissionEvent['type']> = Extract<AdmissionEvent, { type: T }>;

/** Takes events that are not recorded yet, too: a decision looks at what its own first events lead to. */
export function applyAdmission(state: AdmissionState, event: AdmissionEvent): AdmissionState {
  switch (event.type) {
    case 'TaskEnlisted':
      return enlist(state, event);
    case 'TaskRetired':
      return retire(state, event.data.taskId);
    case 'TaskAdmitted':
      return onTask(state, event.data.taskId, () => ({ admitted: true }));
    case 'TaskPaused':
      return onTask(state, event.data.taskId, () => ({ paused: { since: event.data.since, by: event.data.by } }));
    case 'TaskResumed':
      return onTask(state, event.data.taskId, () => ({ paused: null }));
    case 'RepoFrozen':
    case 'FreezeLifted':
      return { ...state, freezes: freezesAfter(state.freezes, event) };
    case 'DependencyDeclared':
    case 'DependencyWithdrawn':
    case 'DependencyEnded':
      return dependenciesAfter(state, event);
    case 'JobHeld':
      return { ...steppedBack(state, event), waiting: waitingAfter(state.waiting, event) };
    case 'AdmissionRequested':
    case 'JobReleased':
    case 'AdmissionClosed':
      return { ...state, waiting: waitingAfter(state.waiting, event) };
    case 'GatePartFailed':
    case 'GatePartRecovered':
      return { ...state, faults: faultsAfter(state.faults ?? [], event) };
  }
}

function faultsAfter(
  faults: readonly GatePartName[],
  { type, data: { part } }: Applied<'GatePartFailed' | 'GatePartRecovered'>,
): readonly GatePartName[] {
  const others = faults.filter((other) => other !== part);
  return type === 'GatePartFailed' ? [...others, part] : others;
}

function enlist(state: AdmissionState, { data }: Applied<'TaskEnlisted'>): AdmissionState {
  const { taskId, workItem, since } = data;
  const task: EnlistedTask = { taskId, workItem, since, admitted: false, paused: null, dependsOn: [] };
  return { ...state, tasks: [...state.tasks, task].sort((a, b) => a.taskId - b.taskId) };
}

function retire(state: AdmissionState, taskId: number): AdmissionState {
  return {
    ...state,
    tasks: state.tasks.filter((task) => task.taskId !== taskId),
    waiting: state.waiting.filter((job) => job.taskId !== taskId),
    retired: [...state.retired, taskId].slice(-RETIRED_MAX),
  };
}

function onTask(
  state: AdmissionState,
  taskId: number,
  change: (task: EnlistedTask) => Partial<EnlistedTask>,
): AdmissionState {
  const tasks = state.tasks.map((task) => (task.taskId === taskId ? { ...task, ...change(task) } : task));
  return { ...state, tasks };
}

/** Whoever waits for a dependency does not hold its place against others: the one it waits for may be behind it. */
function steppedBack(state: AdmissionState, { data }: Applied<'JobHeld'>): AdmissionState {
  if (!data.reasons.some(({ code }) => code === 'dependency')) return state;
  return onTask(state, data.taskId, () => ({ admitted: false }));
}

function freezesAfter(
  freezes: readonly FreezeCause[],
  event: Applied<'RepoFrozen' | 'FreezeLifted'>,
): readonly FreezeCause[] {
  if (event.type === 'FreezeLifted') return freezes.filter((cause) => !event.data.causeIds.includes(cause.causeId));
  const { causeId, reason, by, since } = event.data;
  return [...freezes, { causeId, reason, by, since }];
}

function dependenciesAfter(
  state: AdmissionState,
  event: Applied<'DependencyDeclared' | 'DependencyWithdrawn' | 'DependencyEnded'>,
): AdmissionState {
  const { data } = event;
  const others = (task: EnlistedTask) => task.dependsOn.filter(({ workItem }) => workItem !== data.dependsOn);
  switch (event.type) {
    case 'DependencyDeclared': {
      const { dependsOn: workItem, since, by, ended } = event.data;
      const dependency = { workItem, since, by, ended };
      return onTask(state, event.data.taskId, (task) => ({ dependsOn: [...others(task), dependency] }));
    }
    case 'DependencyWithdrawn':
      return onTask(state, event.data.taskId, (task) => ({ dependsOn: others(task) }));
    case 'DependencyEnded':
      return { ...state, tasks: state.tasks.map((task) => withEnded(task, data.dependsOn)) };
  }
}

function withEnded(task: EnlistedTask, workItem: string): EnlistedTask {
  if (!task.dependsOn.some((dependency) => dependency.workItem === workItem)) return task;
  const dependsOn = task.dependsOn.map((other) => (other.workItem === workItem ? { ...other, ended: true } : other));
  return { ...task, dependsOn };
}

function waitingAfter(
  waiting: readonly WaitingJob[],
  event: Applied<'AdmissionRequested' | 'JobHeld' | 'JobReleased' | 'AdmissionClosed'>,
): readonly WaitingJob[] {
  const { jobId, taskId, workItem } = event.data;
  switch (event.type) {
    case 'AdmissionRequested':
      return [...waiting, { jobId, taskId, workItem, held: null, released: false }].sort((a, b) => a.jobId - b.jobId);
    case 'AdmissionClosed':
      return waiting.filter((job) => job.jobId !== jobId);
    case 'JobHeld':
      return waiting.map((job) => (job.jobId === jobId ? { ...job, held: event.data.reasons, released: false } : job));
    case 'JobReleased':
      return waiting.map((job) => (job.jobId === jobId ? { ...job, held: null, released: true } : job));
  }
}
