import * as commands from '../../../src/domain/admission/commands.js';
import { admissionDecider } from '../../../src/domain/admission/decide.js';
import type { AdmissionEvent, TaskInRepo, WaitReason } from '../../../src/domain/admission/events.js';
import { serialGate, type Admission } from '../../../src/domain/admission/serial-gate.js';
import type { AdmissionState, EnlistedTask } from '../../../src/domain/admission/state.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { at, commandContext, History, wish } from '../given.js';

export type Repo = History<commands.AdmissionCommand, AdmissionEvent, AdmissionState>;

export const REPO = 'enduro-trails';
export const OPERATOR = 'operator:ann';

export function item(taskId: number): string {
  return `ET-${String(taskId).padStart(3, '0')}`;
}

export function of(taskId: number): TaskInRepo {
  return { repo: REPO, taskId, workItem: item(taskId) };
}

/** The analyst's job of a task, in whose number the task's shows. */
export function jobOf(taskId: number): number {
  return 100 + taskId;
}

export function aboutJob(taskId: number): TaskInRepo & { readonly jobId: number } {
  return { ...of(taskId), jobId: jobOf(taskId) };
}

export const enlist = (taskId: number) => wish(commands.EnlistTask, of(taskId), taskId);
export const retire = (taskId: number) => wish(commands.RetireTask, of(taskId));
export const request = (taskId: number) => wish(commands.RequestAdmission, aboutJob(taskId));
export const close = (taskId: number) =>
  wish(commands.CloseAdmission, { repo: REPO, jobId: jobOf(taskId), claimed: true });
export const pause = (taskId: number) => byOperator(commands.PauseTask, of(taskId), 50);
export const resume = (taskId: number) => byOperator(commands.ResumeTask, of(taskId), 60);
export const unfreeze = byOperator(commands.UnfreezeRepo, { repo: REPO }, 80);
export const reassess = wish(commands.ReassessRepo, { repo: REPO });
export const endOf = (workItem: string) => wish(commands.ReportPrerequisiteEnded, { repo: REPO, workItem });

export function freeze(reason = 'DEGRADED', commandId = 'freeze-1'): commands.FreezeRepo {
  const context = commandContext({ commandId, actor: OPERATOR, at: at(70) });
  return new commands.FreezeRepo('stream-1', { repo: REPO, reason, workItem: null }, context);
}

export function dependOn(
  taskId: number,
  dependsOn: string,
  known: Partial<Pick<commands.DeclareDependency['payload'], 'ended' | 'elsewhere'>> = {},
): commands.DeclareDependency {
  const payload = { ...of(taskId), dependsOn, ended: false, elsewhere: [], ...known };
  return byOperator(commands.DeclareDependency, payload, 90);
}

export function withdraw(taskId: number, dependsOn: string): commands.WithdrawDependency {
  return byOperator(commands.WithdrawDependency, { ...of(taskId), dependsOn }, 95);
}

export function emptyRepo(policy?: Policy): Repo {
  return History.begin(admissionDecider, policy);
}

/** Takes part, and its analyst's job waits. */
export function arrive(repo: Repo, ...taskIds: readonly number[]): Repo {
  return repo.afterAll(...taskIds.flatMap((taskId) => [enlist(taskId), request(taskId)]));
}

/** Fresh tasks that came in this order. */
export function fresh(...taskIds: readonly number[]): Repo {
  return arrive(emptyRepo(), ...taskIds);
}

/** The analyst's job of the task was claimed. */
export function started(repo: Repo, ...taskIds: readonly number[]): Repo {
  return repo.afterAll(...taskIds.map(close));
}

/** The tasks whose analyst's job may be claimed. */
export function free(repo: Repo): readonly number[] {
  return repo.state.waiting.filter((job) => job.released).map((job) => job.taskId);
}

/** What was last recorded as holding the analyst's job of the task, `code ref` each. */
export function holds(repo: Repo, taskId: number): readonly string[] {
  const held = repo.state.waiting.find((job) => job.taskId === taskId)?.held ?? [];
  return held.map(({ code, ref }) => `${code} ${ref}`);
}

export function taskIn(repo: Repo, taskId: number): EnlistedTask {
  const task = repo.state.tasks.find((one) => one.taskId === taskId);
  if (!task) throw new Error(`${item(taskId)} takes no part in ${REPO}`);
  return task;
}

/** What the gate says of the task now, whether or not it was asked. */
export function answer(
  repo: Repo,
  taskId: number,
  ...parts: Parameters<typeof serialGate> extends [unknown, ...infer P] ? P : never
): Admission {
  const question = { repo: REPO, task: taskIn(repo, taskId), state: repo.state, switches: repo.policy.serialGate };
  return serialGate(question, ...parts);
}

export function codes(admission: Admission): readonly WaitReason['code'][] {
  return admission.kind === 'admit' ? [] : admission.reasons.map(({ code }) => code);
}

function byOperator<C extends commands.AdmissionCommand>(
  type: new (stream: string, payload: C['payload'], context: ReturnType<typeof commandContext>) => C,
  payload: C['payload'],
  seconds: number,
): C {
  return new type('stream-1', payload, commandContext({ at: at(seconds), actor: OPERATOR }));
}
