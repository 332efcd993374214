import { numberOf, type Recorded } from '../../kernel/event.js';
import { STAGES, type Stage } from '../../kernel/pipeline/stage.js';
import type { GateEvaluated, TaskEvent, TaskOpened } from './events.js';
import { isCurrent, isMerging, type OpenTaskState, type Step, type TaskState } from './state.js';

const IDLE: Step = { kind: 'working', work: null, performer: 'agent' };

export function evolveTask(state: TaskState, event: Recorded<TaskEvent>): TaskState {
  if (event.type === 'TaskOpened') return opened(event.data, event.revision);
  if (event.type === 'WorktreeRemoved') return state.status === 'closed' ? { ...state, worktreeRemoved: true } : state;
  return state.status === 'open' ? evolveOpen({ ...state, revision: event.revision }, event) : state;
}

function opened(facts: TaskOpened['data'], revision: number): TaskState {
  return {
    status: 'open',
    facts,
    revision,
    stage: 'created',
    visit: 0,
    round: 0,
    step: IDLE,
    commit: null,
    merged: null,
    landed: null,
    staged: null,
    pullRequest: null,
    artifacts: [],
    answers: {},
    verdicts: {},
    approvalRequested: false,
    requests: 0,
    held: null,
    retries: 0,
    escalated: false,
  };
}

type Later = Exclude<Recorded<TaskEvent>, { type: 'TaskOpened' | 'WorktreeRemoved' }>;

function evolveOpen(state: OpenTaskState, event: Later): TaskState {
  switch (event.type) {
    case 'TaskAdvanced':
      return entered(state, event.data.to, event.data.visit);
    case 'TaskSentBack':
      return entered(undone(state, event.data), event.data.to, event.data.visit);
    case 'TaskEscalated':
      return { ...state, escalated: true, step: { kind: 'failed', reason: event.data.reason } };
    case 'TaskRestarted':
      return { ...state, escalated: false, retries: 0 };
    case 'TaskCancelled':
      return { status: 'closed', facts: state.facts, stage: 'cancelled', worktreeRemoved: false };
    case 'MergeRequested':
    case 'ChangeMerged':
    case 'MergeRefused':
    case 'MergedCodeDiffered':
    case 'ConfirmationRequested':
    case 'ConfirmationSent':
    case 'DeployConfirmed':
    case 'ProductionHeld':
      return evolveLanding(state, event);
    case 'GestureIgnored':
    case 'ApprovalGiven':
    case 'WorkWithdrawn':
    case 'TaskUnblocked':
      return state;
    case 'ApprovalRequested':
      return { ...state, approvalRequested: true };
    case 'WorkRequested':
    case 'WorkFinished':
    case 'WorkFailed':
    case 'GateCheckRequested':
    case 'GateEvaluated':
    case 'BranchRebased':
    case 'GateCheckAnswered':
      return evolveWork(state, event);
  }
}

type LandingEvent = Extract<
  Later,
  {
    type:
      | 'MergeRequested'
      | 'ChangeMerged'
      | 'MergeRefused'
      | 'MergedCodeDiffered'
      | 'ConfirmationRequested'
      | 'ConfirmationSent'
      | 'DeployConfirmed'
      | 'ProductionHeld';
  }
>;

function evolveLanding(state: OpenTaskState, event: LandingEvent): OpenTaskState {
  switch (event.type) {
    case 'ConfirmationRequested': {
      const { request, commit } = event.data;
      return { ...state, requests: request, step: { kind: 'awaiting-confirmation', request, commit, sentAt: null } };
    }
    case 'ConfirmationSent':
      return state.step.kind === 'awaiting-confirmation'
        ? { ...state, step: { ...state.step, sentAt: event.data.sentAt } }
        : state;
    case 'DeployConfirmed':
      return state;
    case 'ProductionHeld':
      return { ...state, held: event.data.reason };
    case 'MergeRequested':
      return { ...state, held: null, step: { kind: 'merging', pullRequest: event.data.pullRequest } };
    case 'ChangeMerged':
      return isMerging(state, event.data.visit) ? { ...state, merged: event.data.commit } : state;
    case 'MergedCodeDiffered':
      return { ...state, landed: event.data.merged };
    case 'MergeRefused':
      return isMerging(state, event.data.visit)
        ? { ...state, step: { kind: 'failed', reason: event.data.reason } }
        : state;
  }
}

type WorkEvent = Extract<
  Later,
  {
    type: 'WorkRequested' | 'WorkFinished' | 'WorkFailed' | 'BranchRebased' | `Gate${'Check' | 'Evaluated'}${string}`;
  }
>;

function evolveWork(state: OpenTaskState, event: WorkEvent): OpenTaskState {
  switch (event.type) {
    case 'WorkRequested':
      return {
        ...state,
        round: event.data.round,
        step: { kind: 'working', work: numberOf(event), performer: event.data.performer },
        artifacts: [],
        answers: {},
        approvalRequested: false,
        held: null,
        staged: event.data.stage === 'deploy-staging' ? event.data.revision : state.staged,
      };
    case 'WorkFinished':
      return finished(state, event.data);
    case 'WorkFailed':
      return { ...state, step: { kind: 'failed', reason: event.data.reason } };
    case 'GateCheckRequested':
      return {
        ...state,
        step: { kind: 'judging', check: { head: event.data.commit.head, trigger: event.data.trigger } },
      };
    case 'GateEvaluated':
      return evaluated(state, event);
    case 'BranchRebased':
      return { ...state, commit: event.data.to };
    case 'GateCheckAnswered':
      return isCurrent(state, event.data) && state.step.kind === 'judging'
        ? { ...state, step: { kind: 'judging', check: null } }
        : state;
  }
}

/** Takes what is about to be recorded, too: a request shows the answers that it was made upon. */
export function evaluated(
  state: OpenTaskState,
  { data, revision }: { readonly data: GateEvaluated['data']; readonly revision: number },
): OpenTaskState {
  const { stage, gate, answer, reason, evidence } = data;
  const { head = null, base = null } = evidence;
  return {
    ...state,
    answers: { ...state.answers, [gate]: { answer, reason } },
    verdicts: { ...state.verdicts, [gate]: { gate, answer, reason, head, revision, stage, base } },
  };
}

function finished(state: OpenTaskState, data: Extract<WorkEvent, { type: 'WorkFinished' }>['data']): OpenTaskState {
  return {
    ...state,
    commit: data.commit,
    artifacts: data.artifacts,
    pullRequest: data.pullRequest ?? state.pullRequest,
    // An agent that stages says with its commit what it staged.
    staged: data.stage === 'deploy-staging' ? (state.staged ?? data.commit) : state.staged,
    step: { kind: 'judging', check: null },
  };
}

/** What was judged from that stage on is void; new code is not what is on the default branch already. */
function undone(state: OpenTaskState, back: { readonly to: Stage; readonly retries: number }): OpenTaskState {
  const kept = Object.entries(state.verdicts).filter(
    ([, verdict]) => STAGES.indexOf(verdict.stage) < STAGES.indexOf(back.to),
  );
  const landed = back.to === 'deploy-staging' ? state.landed : null;
  return { ...state, verdicts: Object.fromEntries(kept), landed, retries: back.retries };
}

function entered(state: OpenTaskState, stage: Stage, visit: number): TaskState {
  if (stage === 'done' || stage === 'cancelled')
    return { status: 'closed', facts: state.facts, stage, worktreeRemoved: false };
  return {
    ...state,
    stage,
    visit,
    round: 0,
    artifacts: [],
    answers: {},
    approvalRequested: false,
    step: IDLE,
    merged: stage === 'deploy' ? state.landed : null,
    staged: stage === 'deploy' ? state.staged : null,
    held: null,
  };
}
