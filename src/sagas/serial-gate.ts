import {
  CloseAdmission,
  DeclareDependency,
  EnlistTask,
  ReassessRepo,
  ReportPrerequisiteEnded,
  RequestAdmission,
  RetireTask,
} from '../domain/admission/commands.js';
import { BY_RELATION } from '../domain/admission/dependencies.js';
import type { InboxEvent, StatusEntered } from '../domain/inbox/events.js';
import type { JobEvent, JobRef } from '../domain/job/events.js';
import type { SettingsEvent } from '../domain/settings/events.js';
import type { TaskEvent, TaskOpened, TaskRef } from '../domain/task/events.js';
import type { Recorded } from '../kernel/event.js';
import type { Policy } from '../kernel/pipeline/policy.js';
import { isTerminal } from '../kernel/pipeline/stage.js';
import { send, type Saga, type SagaCommand } from './saga.js';

const TYPES = [
  'TaskOpened',
  'TaskAdvanced',
  'TaskCancelled',
  'JobQueued',
  'JobRequeued',
  'JobClaimed',
  'JobCancelled',
  'StatusEntered',
  'SettingsChanged',
] as const;

type Heard = Recorded<Extract<TaskEvent | JobEvent | InboxEvent | SettingsEvent, { type: (typeof TYPES)[number] }>>;

/** Keeps each repository's order informed: who takes part, whose analysis waits, who has left, which switches are on. */
export const serialGateSaga: Saga = {
  name: 'serial-gate',
  types: TYPES,
  react: (event, policy) => reactTo(event as Heard, policy),
};

function reactTo(event: Heard, policy: Policy): readonly SagaCommand[] {
  switch (event.type) {
    case 'TaskOpened':
      return enlist(event.data);
    case 'TaskAdvanced':
      return isTerminal(event.data.to) ? ended(event.data, policy) : [];
    case 'TaskCancelled':
      return ended(event.data, policy);
    case 'JobQueued':
    case 'JobRequeued':
      return isGated(event.data) ? [requestAdmission(event.data)] : [];
    case 'JobClaimed':
    case 'JobCancelled':
      return isGated(event.data) ? [closeAdmission(event.data, event.type === 'JobClaimed')] : [];
    case 'StatusEntered':
      return endsWithoutTask(event.data) ? toldToAll(event.data.workItem, policy) : [];
    case 'SettingsChanged':
      return event.data.values.projects.map(({ repo }) => send(ReassessRepo, admissionOf(repo), { repo }));
  }
}

function admissionOf(repo: string): string {
  return `admission-${repo}`;
}

/** What it waits for is declared before its first job asks to be let in. */
function enlist({ repo, taskId, workItem, blockedBy = [] }: TaskOpened['data']): readonly SagaCommand[] {
  const task = { repo, taskId, workItem };
  const declarations = blockedBy.map(({ workItem: dependsOn, ended: hasEnded }) => {
    const payload = { ...task, dependsOn, ended: hasEnded, elsewhere: [] };
    return send(DeclareDependency, admissionOf(repo), payload, { actor: BY_RELATION });
  });
  return [send(EnlistTask, admissionOf(repo), task), ...declarations];
}

/** UNK-20: an item that has no task holds others until its status says that it has ended. */
function endsWithoutTask({ taskId, toKey }: StatusEntered['data']): boolean {
  return taskId === null && (toKey === 'done' || toKey === 'cancelled');
}

/** SG-02, SG-45: every other role belongs to a task that has been let in, and a job without a task waits for nobody. */
function isGated(job: JobRef): job is JobRef & { readonly taskId: number; readonly workItem: string } {
  return job.agent === 'analyst' && job.taskId !== null && job.workItem !== null;
}

function requestAdmission(job: JobRef & { readonly taskId: number; readonly workItem: string }): SagaCommand {
  const { repo, taskId, workItem, jobId } = job;
  return send(RequestAdmission, admissionOf(repo), { repo, taskId, workItem, jobId });
}

function closeAdmission({ repo, jobId }: JobRef, claimed: boolean): SagaCommand {
  return send(CloseAdmission, admissionOf(repo), { repo, jobId, claimed });
}

/**
 * Whoever waited for it is told before its place is given away: the one whose dependency ends now may be the next in the order,
 * and would find the place taken by a later one.
 */
function ended({ repo, taskId, workItem }: TaskRef, policy: Policy): readonly SagaCommand[] {
  return [...toldToAll(workItem, policy), send(RetireTask, admissionOf(repo), { repo, taskId, workItem })];
}

function toldToAll(workItem: string, policy: Policy): readonly SagaCommand[] {
  return policy.projects.map(({ repo }) =>
    send(ReportPrerequisiteEnded, admissionOf(repo), { repo, workItem }, { correlationId: workItem }),
  );
}
