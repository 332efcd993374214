import type { Decider } from '../../kernel/decider.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { Refused } from '../../kernel/refused.js';
import * as commands from './commands.js';
import { edgesOf, pathBetween } from './dependencies.js';
import type { AdmissionEvent, TaskInRepo, WaitReason } from './events.js';
import { faultNews } from './faults.js';
import { GATE_PARTS, serialGate, type GateParts } from './serial-gate.js';
import { applyAdmission, EMPTY_REPO, type AdmissionState, type EnlistedTask, type WaitingJob } from './state.js';

type Events = readonly AdmissionEvent[];

type AdmissionDecider = Decider<commands.AdmissionCommand, AdmissionEvent, AdmissionState>;

/** The parts of the gate are given, so that one that fails can be put in. */
export const admissionDeciderWith = (parts: GateParts): AdmissionDecider => ({
  category: 'admission',
  commands: Object.values(commands),
  events: {
    TaskEnlisted: 1,
    TaskAdmitted: 1,
    TaskRetired: 1,
    TaskPaused: 1,
    TaskResumed: 1,
    RepoFrozen: 1,
    FreezeLifted: 1,
    DependencyDeclared: 1,
    DependencyWithdrawn: 1,
    DependencyEnded: 1,
    AdmissionRequested: 1,
    JobHeld: 1,
    JobReleased: 1,
    AdmissionClosed: 1,
    GatePartFailed: 1,
    GatePartRecovered: 1,
  },
  initial: EMPTY_REPO,
  evolve: applyAdmission,
  decide: (command, state, policy) => decideAdmission(command, state, { policy, parts }),
});

export const admissionDecider = admissionDeciderWith(GATE_PARTS);

/** What was asked for, and then what the gate says now to everybody who waits. */
function decideAdmission(
  command: commands.AdmissionCommand,
  state: AdmissionState,
  { policy, parts }: { readonly policy: Policy; readonly parts: GateParts },
): Events | Refused {
  const asked = decideAsked(command, state, policy);
  if (asked instanceof Refused) return asked;
  if (asked.length === 0 && command.type !== 'ReassessRepo') return [];
  const gate = { repo: command.payload.repo, switches: policy.serialGate, parts };
  const said = assess(asked.reduce(applyAdmission, state), gate);
  const after = [...asked, ...said].reduce(applyAdmission, state);
  return [...asked, ...said, ...faultsIn(after, gate)];
}

function decideAsked(command: commands.AdmissionCommand, state: AdmissionState, policy: Policy): Events | Refused {
  switch (command.type) {
    case 'EnlistTask':
    case 'RetireTask':
    case 'RequestAdmission':
    case 'CloseAdmission':
      return lifeOf(command, state);
    case 'PauseTask':
    case 'ResumeTask':
      return parked(command, state);
    case 'FreezeRepo':
    case 'UnfreezeRepo':
      return frozen(command, state, policy);
    case 'DeclareDependency':
    case 'WithdrawDependency':
    case 'ReportPrerequisiteEnded':
      return depends(command, state);
    case 'ReassessRepo':
      return [];
  }
}

type LifeCommand = commands.EnlistTask | commands.RetireTask | commands.RequestAdmission | commands.CloseAdmission;

function lifeOf(command: LifeCommand, state: AdmissionState): Events {
  switch (command.type) {
    case 'EnlistTask':
      if (taskIn(state, command.payload.taskId) || state.retired.includes(command.payload.taskId)) return [];
      return [{ type: 'TaskEnlisted', data: { ...command.payload, since: command.context.at } }];
    case 'RetireTask':
      return taskIn(state, command.payload.taskId) ? [{ type: 'TaskRetired', data: command.payload }] : [];
    case 'RequestAdmission':
      return isWaiting(state, command.payload.jobId) ? [] : [{ type: 'AdmissionRequested', data: command.payload }];
    case 'CloseAdmission':
      return closed(command, state);
  }
}

function closed({ payload }: commands.CloseAdmission, state: AdmissionState): Events {
  const job = state.waiting.find(({ jobId }) => jobId === payload.jobId);
  if (!job) return [];
  const { jobId, taskId, workItem } = job;
  const about = { repo: payload.repo, taskId, workItem };
  const over: AdmissionEvent = { type: 'AdmissionClosed', data: { ...about, jobId } };
  // Claimed in the moment in which a dependency made it step back: it is in all the same.
  const isIn = payload.claimed && taskIn(state, taskId)?.admitted === false;
  return isIn ? [over, { type: 'TaskAdmitted', data: about }] : [over];
}

/** PA-01: set and cleared by a person; what is already so answers nothing. */
function parked(
  { type, payload, context }: commands.PauseTask | commands.ResumeTask,
  state: AdmissionState,
): Events | Refused {
  const task = taskIn(state, payload.taskId);
  if (!task) return new Refused('terminal', `${payload.workItem} has no unfinished task`);
  if ((task.paused !== null) === (type === 'PauseTask')) return [];
  const { actor: by, at: since } = context;
  return type === 'PauseTask'
    ? [{ type: 'TaskPaused', data: { ...payload, by, since } }]
    : [{ type: 'TaskResumed', data: { ...payload, by } }];
}

function frozen(
  command: commands.FreezeRepo | commands.UnfreezeRepo,
  state: AdmissionState,
  policy: Policy,
): Events | Refused {
  const { actor: by, at: since, commandId: causeId } = command.context;
  if (command.type === 'UnfreezeRepo') {
    const causeIds = state.freezes.map((cause) => cause.causeId);
    return causeIds.length === 0 ? [] : [{ type: 'FreezeLifted', data: { repo: command.payload.repo, causeIds, by } }];
  }
  // SG-21: with the layer off a freeze would be kept and hold nobody.
  if (!policy.serialGate.freezeEnabled) return new Refused('freeze-off', 'the freeze layer is switched off');
  return [{ type: 'RepoFrozen', data: { ...command.payload, causeId, by, since } }];
}

type DependencyCommand = commands.DeclareDependency | commands.WithdrawDependency | commands.ReportPrerequisiteEnded;

function depends(command: DependencyCommand, state: AdmissionState): Events | Refused {
  switch (command.type) {
    case 'DeclareDependency':
      return declared(command, state);
    case 'WithdrawDependency': {
      const task = taskIn(state, command.payload.taskId);
      const known = task?.dependsOn.some(({ workItem }) => workItem === command.payload.dependsOn);
      return known ? [{ type: 'DependencyWithdrawn', data: { ...command.payload, by: command.context.actor } }] : [];
    }
    case 'ReportPrerequisiteEnded': {
      const { repo, workItem: dependsOn } = command.payload;
      const isAwaited = edgesOf(state).some(({ to }) => to === dependsOn);
      return isAwaited ? [{ type: 'DependencyEnded', data: { repo, dependsOn } }] : [];
    }
  }
}

/** UNK-20: neither itself nor a cycle, and the refusal shows the way round. */
function declared({ payload, context }: commands.DeclareDependency, state: AdmissionState): Events | Refused {
  const { elsewhere, ended, dependsOn, ...task } = payload;
  const known = taskIn(state, task.taskId);
  if (!known) return new Refused('terminal', `${task.workItem} has no unfinished task`);
  if (dependsOn === task.workItem)
    return new Refused('self', `${task.workItem} cannot depend on itself`, { path: [dependsOn] });
  if (known.dependsOn.some(({ workItem }) => workItem === dependsOn)) return [];
  const path = pathBetween(dependsOn, task.workItem, [...edgesOf(state), ...elsewhere]);
  if (path) return cycle([task.workItem, ...path]);
  return [{ type: 'DependencyDeclared', data: { ...task, dependsOn, ended, since: context.at, by: context.actor } }];
}

function cycle(path: readonly string[]): Refused {
  return new Refused('cycle', `the dependency would close a cycle: ${path.join(' → ')}`, { path });
}

function taskIn(state: AdmissionState, taskId: number): EnlistedTask | undefined {
  return state.tasks.find((task) => task.taskId === taskId);
}

function isWaiting(state: AdmissionState, jobId: number): boolean {
  return state.waiting.some((job) => job.jobId === jobId);
}

interface Gate {
  readonly repo: string;
  readonly switches: Policy['serialGate'];
  readonly parts: GateParts;
}

/** Asks the gate for everybody who waits until nobody's answer changes another's. */
function assess(state: AdmissionState, gate: Gate): Events {
  const said = assessOnce(state, gate);
  return said.length === 0 ? said : [...said, ...assess(said.reduce(applyAdmission, state), gate)];
}

/** One waiting job after the other; who is let in counts for those behind. */
function assessOnce(state: AdmissionState, gate: Gate): Events {
  const events: AdmissionEvent[] = [];
  let current = state;
  for (const job of state.waiting) {
    const said = answerTo(job, current, gate);
    events.push(...said);
    current = said.reduce(applyAdmission, current);
  }
  return events;
}

function answerTo(job: WaitingJob, state: AdmissionState, { repo, switches, parts }: Gate): Events {
  const { jobId, taskId, workItem } = job;
  const about: TaskInRepo & { readonly jobId: number } = { repo, taskId, workItem, jobId };
  const task = taskIn(state, taskId);
  const admission = task ? serialGate({ repo, task, state, switches }, parts) : { kind: 'admit' as const };
  if (admission.kind === 'wait') {
    return isSame(job.held, admission.reasons)
      ? []
      : [{ type: 'JobHeld', data: { ...about, reasons: admission.reasons } }];
  }
  if (job.released) return [];
  const released: AdmissionEvent = { type: 'JobReleased', data: about };
  return task && !task.admitted ? [{ type: 'TaskAdmitted', data: { repo, taskId, workItem } }, released] : [released];
}

/** Where nobody waits nothing was asked, and nothing is known. */
function faultsIn(state: AdmissionState, { repo, switches, parts }: Gate): Events {
  const asked = state.waiting.flatMap(({ taskId }) => taskIn(state, taskId) ?? []);
  if (asked.length === 0) return [];
  const faults = asked.flatMap((task) => serialGate({ repo, task, state, switches }, parts).faults ?? []);
  return faultNews(repo, faults, state);
}

function isSame(held: readonly WaitReason[] | null, reasons: readonly WaitReason[]): boolean {
  const names = (list: readonly WaitReason[]) => list.map(({ code, ref, since }) => `${code} ${ref} ${since}`).join();
  return held !== null && names(held) === names(reasons);
}
