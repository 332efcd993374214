import type { Recorded } from '../../kernel/event.js';
import type { Gate, Stage } from '../../kernel/pipeline/stage.js';
import type { ArtifactWritten, Commit, GateAnswer, Performer, TaskEvent, TaskOpened } from './events.js';
import type { WorkingStage } from './stages.js';

/** What the current visit is doing; each step exists only where it means something. */
export type Step =
  | {
      readonly kind: 'working';
      /** Number of the job or deploy; null while none is asked for. */
      readonly work: number | null;
      readonly performer: Performer;
    }
  | { readonly kind: 'judging'; readonly check: { readonly head: string; readonly trigger: string } | null }
  | { readonly kind: 'awaiting-confirmation' }
  | { readonly kind: 'merging'; readonly pullRequest: number }
  | { readonly kind: 'failed'; readonly reason: string };

export interface OpenTaskState {
  readonly status: 'open';
  readonly facts: TaskOpened['data'];
  readonly stage: WorkingStage | 'created';
  readonly visit: number;
  readonly round: number;
  readonly step: Step;
  /** The published head of the branch; null before the first work is published. */
  readonly commit: Commit | null;
  readonly merged: Commit | null;
  readonly pullRequest: number | null;
  /** Written in the current visit. */
  readonly artifacts: readonly ArtifactWritten[];
  /** Last answers of the current visit. */
  readonly answers: Readonly<Partial<Record<Gate, { readonly answer: GateAnswer; readonly reason: string }>>>;
  readonly approvalRequested: boolean;
  readonly retries: number;
  readonly escalated: boolean;
}

export type TaskState =
  | { readonly status: 'unopened' }
  | OpenTaskState
  | {
      readonly status: 'closed';
      readonly facts: TaskOpened['data'];
      readonly stage: 'done' | 'cancelled';
      readonly worktreeRemoved: boolean;
    };

export const UNOPENED: TaskState = { status: 'unopened' };

const IDLE: Step = { kind: 'working', work: null, performer: 'agent' };

export function evolveTask(state: TaskState, event: Recorded<TaskEvent>): TaskState {
  if (event.type === 'TaskOpened') return opened(event.data);
  if (event.type === 'WorktreeRemoved') return state.status === 'closed' ? { ...state, worktreeRemoved: true } : state;
  return state.status === 'open' ? evolveOpen(state, event) : state;
}

function opened(facts: TaskOpened['data']): TaskState {
  return {
    status: 'open',
    facts,
    stage: 'created',
    visit: 0,
    round: 0,
    step: IDLE,
    commit: null,
    merged: null,
    pullRequest: null,
    artifacts: [],
    answers: {},
    approvalRequested: false,
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
      return entered({ ...state, retries: event.data.retries }, event.data.to, event.data.visit);
    case 'TaskEscalated':
      return { ...state, escalated: true, step: { kind: 'failed', reason: event.data.reason } };
    case 'TaskRestarted':
      return { ...state, escalated: false, retries: 0 };
    case 'TaskCancelled':
      return { status: 'closed', facts: state.facts, stage: 'cancelled', worktreeRemoved: false };
    case 'MergeRequested':
    case 'ChangeMerged':
    case 'MergeRefused':
    case 'ConfirmationRequested':
    case 'DeployConfirmed':
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
  { type: 'MergeRequested' | 'ChangeMerged' | 'MergeRefused' | 'ConfirmationRequested' | 'DeployConfirmed' }
>;

function evolveLanding(state: OpenTaskState, event: LandingEvent): OpenTaskState {
  switch (event.type) {
    case 'ConfirmationRequested':
      return { ...state, step: { kind: 'awaiting-confirmation' } };
    case 'DeployConfirmed':
      return state;
    case 'MergeRequested':
      return { ...state, step: { kind: 'merging', pullRequest: event.data.pullRequest } };
    case 'ChangeMerged':
      return isMerging(state, event.data.visit) ? { ...state, merged: event.data.commit } : state;
    case 'MergeRefused':
      return isMerging(state, event.data.visit)
        ? { ...state, step: { kind: 'failed', reason: event.data.reason } }
        : state;
  }
}

/** Whether a report of a merge belongs to the merge that is under way; any other only closes its intent. */
export function isMerging(state: OpenTaskState, visit: number): boolean {
  return state.step.kind === 'merging' && state.visit === visit;
}

type WorkEvent = Extract<
  Later,
  {
    type:
      | 'WorkRequested'
      | 'WorkFinished'
      | 'WorkFailed'
      | 'GateCheckRequested'
      | 'GateEvaluated'
      | 'BranchRebased'
      | 'GateCheckAnswered';
  }
>;

function evolveWork(state: OpenTaskState, event: WorkEvent): OpenTaskState {
  switch (event.type) {
    case 'WorkRequested':
      return {
        ...state,
        round: event.data.round,
        step: { kind: 'working', work: event.position, performer: event.data.performer },
        artifacts: [],
        answers: {},
        approvalRequested: false,
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
      return {
        ...state,
        answers: { ...state.answers, [event.data.gate]: { answer: event.data.answer, reason: event.data.reason } },
      };
    case 'BranchRebased':
      return { ...state, commit: event.data.to };
    case 'GateCheckAnswered':
      return isCurrent(state, event.data) && state.step.kind === 'judging'
        ? { ...state, step: { kind: 'judging', check: null } }
        : state;
  }
}

function finished(state: OpenTaskState, data: Extract<WorkEvent, { type: 'WorkFinished' }>['data']): OpenTaskState {
  return {
    ...state,
    commit: data.commit,
    artifacts: data.artifacts,
    pullRequest: data.pullRequest ?? state.pullRequest,
    step: { kind: 'judging', check: null },
  };
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
    merged: null,
  };
}

/** Whether an answer belongs to what the task is doing now. */
export function isCurrent(state: OpenTaskState, answer: { readonly visit: number; readonly round: number }): boolean {
  return answer.visit === state.visit && answer.round === state.round;
}
