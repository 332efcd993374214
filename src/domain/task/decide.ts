import { projectOf, type Policy, type ProjectPolicy } from '../../kernel/pipeline/policy.js';
import { Refused } from '../../kernel/refused.js';
import { assert } from '../../kernel/assert.js';
import type { Decider } from '../../kernel/decider.js';
import * as commands from './commands.js';
import { confirmationSent, productionHeld } from './confirmation.js';
import type { Commit, TaskEvent } from './events.js';
import { evolveTask } from './evolve.js';
import { decideGesture, ignored } from './gestures.js';
import { answerGateCheck, requestGateCheck } from './judge.js';
import { isPublished, openTask, refOf, requestConfirmation, requestWork, sendBack, stageAgain } from './moves.js';
import { isCurrent, isMerging, UNOPENED, type OpenTaskState, type TaskState } from './state.js';

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
    ConfirmationSent: 1,
    DeployConfirmed: 1,
    ProductionHeld: 1,
    MergedCodeDiffered: 1,
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
  return decideOpen(command, state, project, policy);
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
    case 'ReportConfirmationSent':
    case 'ReportProductionHeld':
      return [];
  }
}

function decideOpen(command: Later, state: OpenTaskState, project: ProjectPolicy, policy: Policy): Decision {
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
    case 'ReportConfirmationSent':
      return confirmationSent(command.payload, state);
    case 'ReportProductionHeld':
      return productionHeld(command.payload, state);
    case 'ApproveTask':
    case 'RejectTask':
    case 'RestartTask':
    case 'ConfirmDeploy':
    case 'CancelTask':
      return decideGesture(command, state, project, policy);
  }
}

function workReported(
  command: commands.ReportWorkFinished | commands.ReportWorkFailed,
  state: OpenTaskState,
  project: ProjectPolicy,
): Decision {
  const { visit, round } = command.payload;
  if (!isCurrent(state, { visit, round }) || state.step.kind !== 'working') return [];
  if (command.type === 'ReportWorkFailed') return workFailed(command.payload, state, project);
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

/** UNK-41: a confirmed deploy that came to nothing is asked for again; who confirms has to be told first. */
function workFailed(
  failed: commands.ReportWorkFailed['payload'],
  state: OpenTaskState,
  project: ProjectPolicy,
): readonly TaskEvent[] {
  const { stage, facts } = state;
  const told: TaskEvent = { type: 'WorkFailed', data: { ...refOf(facts), stage, ...failed } };
  const isAskedAgain = stage === 'deploy' && project.confirm === 'human' && isPublished(state);
  return isAskedAgain ? [told, requestConfirmation(state, failed.reason)] : [told];
}

function mergeReported(
  command: commands.ReportMerged | commands.ReportMergeRefused,
  state: OpenTaskState,
  project: ProjectPolicy,
): Decision {
  if (command.type === 'ReportMergeRefused') return mergeRefused(command.payload, state, project);
  const { visit, commit } = command.payload;
  if (state.merged && state.visit === visit) return [];
  const merged: TaskEvent = { type: 'ChangeMerged', data: command.payload };
  if (!isMerging(state, visit)) return [merged];
  if (state.staged && state.staged.codeTree !== commit.codeTree)
    return [merged, ...stageMerged(state, commit, project)];
  return [merged, requestWork({ ...state, merged: commit }, project, [])];
}

function mergeRefused(
  refusal: commands.ReportMergeRefused['payload'],
  state: OpenTaskState,
  project: ProjectPolicy,
): readonly TaskEvent[] {
  const { visit, reason, mainMoved } = refusal;
  const refused: TaskEvent = { type: 'MergeRefused', data: refusal };
  if (!isMerging(state, visit)) return [refused];
  return [refused, ...(mainMoved ? stageAgain : sendBack)(state, project, `merge refused: ${reason}`)];
}

/** AMB-31: what nobody has staged is not deployed. It is on the default branch now, so it is staged as it stands there. */
function stageMerged(state: OpenTaskState, merged: Commit, project: ProjectPolicy): readonly TaskEvent[] {
  const { facts, visit, staged } = state;
  assert(staged, 'something was staged');
  const reason = `the merge came to code tree ${merged.codeTree}, staged was ${staged.codeTree}`;
  return [
    { type: 'MergedCodeDiffered', data: { ...refOf(facts), visit, staged, merged } },
    ...stageAgain({ ...state, landed: merged }, project, reason),
  ];
}
