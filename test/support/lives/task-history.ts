import {
  AnswerGateCheck,
  ApproveTask,
  ConfirmDeploy,
  OpenTask,
  RejectTask,
  RequestGateCheck,
  ReportMerged,
  ReportMergeRefused,
  ReportWorkFailed,
  ReportConfirmationSent,
  ReportProductionHeld,
  ReportWorkFinished,
  RestartTask,
  type GateReading,
  type TaskCommand,
} from '../../../src/domain/task/commands.js';
import { taskDecider } from '../../../src/domain/task/decide.js';
import type { Commit, GateAnswer, TaskEvent, TaskOpened } from '../../../src/domain/task/events.js';
import type { OpenTaskState, TaskState } from '../../../src/domain/task/state.js';
import type { Gate, Stage } from '../../../src/kernel/pipeline/stage.js';
import { at, History, wish } from '../given.js';

export type TaskHistory = History<TaskCommand, TaskEvent, TaskState>;

export const PERSON = 'plane:maria';
export const HEAD: Commit = { head: 'aaa111', codeTree: 'tree-1' };
export const MERGED: Commit = { head: 'mmm999', codeTree: 'tree-1' };
export const PULL_REQUEST = 7;

export const AGENTS_TASK: TaskOpened['data'] = {
  taskId: 42,
  workItem: 'ET-001',
  itemId: 'item-1',
  projectId: 'project-et',
  repo: 'enduro-trails',
  title: 'Add a map',
  description: 'Riders want a map.',
  branch: 'feature/ET-001-add-a-map',
};

export const REF = { taskId: 42, workItem: 'ET-001', repo: 'enduro-trails' };

export const SELF_HOSTING_TASK: TaskOpened['data'] = {
  ...AGENTS_TASK,
  workItem: 'ORCH-059',
  projectId: 'project-orch',
  repo: 'orchestrator',
  branch: 'feature/ORCH-059-confirm-deploy',
};

export const approve = wish(ApproveTask, { by: PERSON });
export const reject = wish(RejectTask, { by: PERSON, feedback: ['the map is upside down'] });
export const restart = wish(RestartTask, { by: PERSON });
export const lookAgain = wish(RequestGateCheck, { trigger: 'reconciler', head: null });
export const confirm = confirmedAt(at(1_000));

export function confirmedAt(
  time: string | null,
  by: string | null = PERSON,
  via: 'webhook' | 'poll' = 'webhook',
): ConfirmDeploy {
  return wish(ConfirmDeploy, { by, at: time, via });
}

/** The request to confirm has reached people. */
export function asked(history: TaskHistory): ReportConfirmationSent {
  const { visit, request } = history.last('ConfirmationRequested').data;
  return wish(ReportConfirmationSent, { visit, request, sentAt: at(500) });
}

export function openedTask(facts = AGENTS_TASK): TaskHistory {
  return History.begin(taskDecider).after(wish(OpenTask, facts));
}

export function open(history: TaskHistory): OpenTaskState {
  if (history.state.status !== 'open') throw new Error(`The task is ${history.state.status}, not open`);
  return history.state;
}

/** The state without its place in the stream, which every trace moves. */
export function meaningOf({ state }: TaskHistory): object {
  return { ...state, revision: 0 };
}

/** The result of the work that the task is waiting for. */
export function finish(history: TaskHistory, result: Partial<ReportWorkFinished['payload']> = {}): ReportWorkFinished {
  const { visit, round } = open(history);
  const artifacts = [{ path: 'docs/work-items/ET-001/12-review.md', digest: `digest-${visit}-${round}` }];
  const base = { visit, round, by: 'job-1', commit: HEAD, artifacts, pullRequest: PULL_REQUEST };
  return wish(ReportWorkFinished, { ...base, ...result });
}

export function fail(history: TaskHistory, reason = 'the attempts are used up'): ReportWorkFailed {
  const { visit, round } = open(history);
  return wish(ReportWorkFailed, { visit, round, by: 'job-1', reason });
}

export function reading(gate: Gate, answer: GateAnswer, reason = `${gate} is ${answer}`): GateReading {
  return { gate, answer, reason, evidence: {} };
}

/** Answers the newest gate check; gates that are not named passed. */
export function answers(
  history: TaskHistory,
  verdicts: Partial<Record<Gate, GateAnswer>> = {},
  overrides: Partial<AnswerGateCheck['payload']> = {},
): AnswerGateCheck {
  const { visit, round, gates, commit } = history.last('GateCheckRequested').data;
  const readings = gates.map((gate) => reading(gate, verdicts[gate] ?? 'passed'));
  return wish(AnswerGateCheck, { visit, round, head: commit.head, readings, ...overrides });
}

export const REBASED: Commit = { head: 'rrr222', codeTree: 'tree-2' };

/** The merge gate brought the branch up to date, which changed the code that staging ran. */
export function rebased(history: TaskHistory, to: Commit = REBASED): AnswerGateCheck {
  return answers(history, { check_staging_image_fresh: 'outdated' }, { rebased: { to, onto: 'ddd555' } });
}

export function merged(history: TaskHistory, commit = MERGED): ReportMerged {
  const { visit, pullRequest } = history.last('MergeRequested').data;
  return wish(ReportMerged, { visit, pullRequest, commit });
}

export function mergeRefused(
  history: TaskHistory,
  reason = 'conflict in map.ts',
  mainMoved = false,
): ReportMergeRefused {
  const { visit, pullRequest } = history.last('MergeRequested').data;
  return wish(ReportMergeRefused, { visit, pullRequest, reason, ...(mainMoved ? { mainMoved } : {}) });
}

export function heldBy(history: TaskHistory, reason: string): ReportProductionHeld {
  return wish(ReportProductionHeld, { visit: open(history).visit, reason });
}

/** What a smooth course would bring next; a person helps where it is stuck. */
export function nextStep(history: TaskHistory): TaskCommand {
  const { step, stage, approvalRequested } = open(history);
  if (step.kind === 'working') return finish(history);
  if (step.kind === 'merging') return merged(history);
  if (step.kind === 'awaiting-confirmation') return confirmation(history, step.sentAt);
  if (step.kind === 'failed') return restart;
  if (stage === 'analysis' && approvalRequested) return approve;
  return step.check ? answers(history) : lookAgain;
}

function confirmation(history: TaskHistory, sentAt: string | null): TaskCommand {
  return sentAt === null ? asked(history) : confirm;
}

/** Lets everything go well until the stage is entered. */
export function reached(stage: Stage, history = openedTask()): TaskHistory {
  let current = history;
  while (current.state.status === 'open' && current.state.stage !== stage) current = current.after(nextStep(current));
  return current;
}

/** The stage's work is done and its gates are being read. */
export function judgedIn(stage: Stage, history = openedTask()): TaskHistory {
  let current = reached(stage, history);
  while (open(current).step.kind !== 'judging') current = current.after(nextStep(current));
  return current;
}
