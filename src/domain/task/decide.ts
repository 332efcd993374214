import { projectOf, type Policy, type ProjectPolicy } from '../../kernel/pipeline/policy.js';
import { Refused } from '../../kernel/refused.js';
import type { Decider } from '../../kernel/decider.js';
import * as commands from './commands.js';
import type { TaskEvent } from './events.js';
import { answerGateCheck, requestGateCheck } from './judge.js';
import {
  enterStage,
  goToProduction,
  isPublished,
  land,
  openTask,
  refOf,
  requestWork,
  sendBack,
  stageAgain,
  withdrawWork,
} from './moves.js';
import { evolveTask, isCurrent, isMerging, UNOPENED, type OpenTaskState, type TaskState } from './state.js';

type Decision = readonly TaskEvent[] | Refused;
type Later = Exclude<commands.TaskCommand, commands.OpenTask>;

export const taskDecider: Decider<commands.TaskCommand, TaskEvent, TaskState> = {
  category: 'task',
  commands: Object.values(commands),
  events: {
    TaskOpened: 1,
    TaskAdvanced: 1,
    TaskSentBack: 1,
    TaskEscalated: 1,
    TaskRestarted: 1,
    TaskCancelled: 1,
    WorkRequested: 1,
    WorkFinished: 1,
    WorkFailed: 1,
    WorkWithdrawn: 1,
    GateCheckRequested: 1,
    GateEvaluated: 1,
    BranchRebased: 1,
    GateCheckAnswered: 1,
    TaskUnblocked: 1,
    ApprovalRequested: 1,
    ApprovalGiven: 1,
    GestureIgnored: 1,
    ConfirmationRequested: 1,
    DeployConfirmed: 1,
    MergeRequested: 1,
    ChangeMerged: 1,
    MergeRefused: 1,
    WorktreeRemoved: 1,
  },
  initial: UNOPENED,
  evolve: evolveTask,
  decide: decideTask,
};

function decideTask(command: commands.TaskCommand, state: TaskState, policy: Policy): Decision {
  if (command.type === 'OpenTask') return state.status === 'unopened' ? opened(command, policy) : [];
  if (state.status === 'unopened') return new Refused('unknown-task', `${command.stream} does not exist`);
  if (state.status === 'closed') return afterTheEnd(command, state);
  const project = projectOf(policy, state.facts.repo);
  if (!project) return new Refused('unknown-project', `no project is configured for repository ${state.facts.repo}`);
  return decideOpen(command, state, project);
}

function opened(command: commands.OpenTask, policy: Policy): Decision {
  const project = projectOf(policy, command.payload.repo);
  if (!project)
    return new Refused('unknown-project', `no project is configured for repository ${command.payload.repo}`);
  return openTask(command.payload, project);
}

/** Late answers close their intent; late gestures say why nothing happened. */
function afterTheEnd(command: Later, state: Extract<TaskState, { status: 'closed' }>): Decision {
  switch (command.type) {
    case 'AnswerGateCheck':
      return [
        {
          type: 'GateCheckAnswered',
          data: { visit: command.payload.visit, round: command.payload.round, green: false },
        },
      ];
    case 'ReportMerged':
      return [{ type: 'ChangeMerged', data: command.payload }];
    case 'ReportMergeRefused':
      return [{ type: 'MergeRefused', data: command.payload }];
    case 'ReportWorktreeRemoved':
      return state.worktreeRemoved ? [] : [{ type: 'WorktreeRemoved', data: refOf(state.facts) }];
    case 'ApproveTask':
    case 'RejectTask':
    case 'RestartTask':
    case 'ConfirmDeploy':
      return [ignored(command, state, `the task is ${state.stage}`)];
    case 'CancelTask':
      return state.stage === 'cancelled' ? [] : new Refused('terminal', `the task is ${state.stage}`);
    case 'ReportWorkFinished':
    case 'ReportWorkFailed':
    case 'RequestGateCheck':
      return [];
  }
}

function decideOpen(command: Later, state: OpenTaskState, project: ProjectPolicy): Decision {
  switch (command.type) {
    case 'ReportWorkFinished':
    case 'ReportWorkFailed':
      return workReported(command, state, project);
    case 'RequestGateCheck':
      return requestGateCheck(command.payload, state, project);
    case 'AnswerGateCheck':
      return answerGateCheck(command.payload, state, project);
    case 'ReportMerged':
    case 'ReportMergeRefused':
      return mergeReported(command, state, project);
    case 'ReportWorktreeRemoved':
      return [];
    case 'ApproveTask':
    case 'RejectTask':
    case 'RestartTask':
    case 'ConfirmDeploy':
    case 'CancelTask':
      return gesture(command, state, project);
  }
}

function workReported(
  command: commands.ReportWorkFinished | commands.ReportWorkFailed,
  state: OpenTaskState,
  project: ProjectPolicy,
): Decision {
  const { visit, round } = command.payload;
  if (!isCurrent(state, { visit, round }) || state.step.kind !== 'working') return [];
  if (command.type === 'ReportWorkFailed') {
    return [{ type: 'WorkFailed', data: { ...refOf(state.facts), stage: state.stage, ...command.payload } }];
  }
  const { by, commit, artifacts, pullRequest } = command.payload;
  const finished: TaskEvent = {
    type: 'WorkFinished',
    data: { stage: state.stage, visit, round, by, commit, artifacts, pullRequest },
  };
  const next: OpenTaskState = {
    ...state,
    commit,
    artifacts,
    pullRequest: pullRequest ?? state.pullRequest,
    step: { kind: 'judging', check: null },
  };
  return [finished, ...requestGateCheck({ trigger: `${by} finished`, head: null }, next, project)];
}

function mergeReported(
  command: commands.ReportMerged | commands.ReportMergeRefused,
  state: OpenTaskState,
  project: ProjectPolicy,
): Decision {
  const { visit } = command.payload;
  if (command.type === 'ReportMergeRefused') {
    const { reason, mainMoved } = command.payload;
    const refused: TaskEvent = { type: 'MergeRefused', data: command.payload };
    if (!isMerging(state, visit)) return [refused];
    return [refused, ...(mainMoved ? stageAgain : sendBack)(state, project, `merge refused: ${reason}`)];
  }
  if (state.merged && state.visit === visit) return [];
  const merged: TaskEvent = { type: 'ChangeMerged', data: command.payload };
  if (!isMerging(state, visit)) return [merged];
  return [merged, requestWork({ ...state, merged: command.payload.commit }, project, [])];
}

type Gesture =
  commands.ApproveTask | commands.RejectTask | commands.RestartTask | commands.ConfirmDeploy | commands.CancelTask;

function gesture(command: Gesture, state: OpenTaskState, project: ProjectPolicy): Decision {
  switch (command.type) {
    case 'ApproveTask':
      return approved(command, state, project);
    case 'RejectTask':
      return rejected(command, state, project);
    case 'RestartTask':
      return restarted(command, state, project);
    case 'ConfirmDeploy':
      return confirmed(command, state, project);
    case 'CancelTask':
      return [
        { type: 'TaskCancelled', data: { ...refOf(state.facts), from: state.stage, reason: command.payload.reason } },
        ...withdrawWork(state, command.payload.reason),
      ];
  }
}

/** Approved counts on analysis once the set is complete, and never later (decisions, "Human gestures"). */
function approved(command: commands.ApproveTask, state: OpenTaskState, project: ProjectPolicy): Decision {
  const { by } = command.payload;
  if (state.stage !== 'analysis') return [ignored(command, state, `nothing waits for an approval on ${state.stage}`)];
  if (!state.approvalRequested) {
    const missing = state.answers.check_analysis_complete?.reason ?? 'the analyst has not finished';
    return [ignored(command, state, missing)];
  }
  const { stage, visit } = state;
  return [
    { type: 'ApprovalGiven', data: { ...refOf(state.facts), stage, visit, by } },
    {
      type: 'GateEvaluated',
      data: {
        stage,
        visit,
        gate: 'check_analysis_approved',
        answer: 'passed',
        reason: 'approved via status',
        evidence: { by },
      },
    },
    ...enterStage(state, 'architecture', project),
  ];
}

/** UNK-05: analysis is done again with the comments; any later stage goes back to development. */
function rejected(command: commands.RejectTask, state: OpenTaskState, project: ProjectPolicy): Decision {
  const { by, feedback } = command.payload;
  if (state.stage === 'created') return [ignored(command, state, 'nothing has been done yet')];
  if (state.escalated) return [ignored(command, state, 'it is escalated; In Progress starts it again')];
  if (state.stage !== 'analysis') {
    return [...withdrawWork(state, `rejected by ${by}`), ...sendBack(state, project, `rejected by ${by}`, feedback)];
  }
  if (state.step.kind === 'working') return [ignored(command, state, 'the analyst is still at work')];
  return [requestWork(state, project, feedback)];
}

/** UNK-06: an active job makes it a no-op; otherwise the stage's work starts again and the retries count from 0. */
function restarted(command: commands.RestartTask, state: OpenTaskState, project: ProjectPolicy): Decision {
  const { step } = state;
  const busy = step.kind === 'merging' || (step.kind === 'working' && step.work !== null);
  if (busy) return [ignored(command, state, 'its work is under way')];
  if (step.kind === 'awaiting-confirmation') return [ignored(command, state, 'it waits for Confirm Deploy')];
  const feedback = step.kind === 'failed' ? [step.reason] : Object.values(state.answers).map((answer) => answer.reason);
  const again: TaskEvent = {
    type: 'TaskRestarted',
    data: { ...refOf(state.facts), stage: state.stage, visit: state.visit, by: command.payload.by },
  };
  const lands = state.stage === 'deploy' && isPublished(state);
  return [again, lands ? land(state, project, feedback) : requestWork(state, project, feedback)];
}

/** CD-03..07: only on `deploy`, only for the open request, and bound to what it showed. */
function confirmed(command: commands.ConfirmDeploy, state: OpenTaskState, project: ProjectPolicy): Decision {
  if (!awaitsConfirmation(state, project) || !isPublished(state)) {
    return [ignored(command, state, 'no production deploy waits for a confirmation')];
  }
  const { visit, commit } = state;
  return [
    { type: 'DeployConfirmed', data: { visit, commit, by: command.payload.by } },
    goToProduction(state, project, []),
  ];
}

/** UNK-41: when the confirmed deploy came to nothing, the same request may be confirmed again. */
function awaitsConfirmation({ stage, step }: OpenTaskState, project: ProjectPolicy): boolean {
  if (step.kind === 'awaiting-confirmation') return true;
  return stage === 'deploy' && step.kind === 'failed' && project.confirm === 'human';
}

function ignored(
  command: commands.ApproveTask | commands.RejectTask | commands.RestartTask | commands.ConfirmDeploy,
  state: Exclude<TaskState, { status: 'unopened' }>,
  reason: string,
): TaskEvent {
  const { type: gesture, payload } = command;
  return {
    type: 'GestureIgnored',
    data: { ...refOf(state.facts), gesture, stage: state.stage, by: payload.by, reason },
  };
}
