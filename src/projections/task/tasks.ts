import type { AdmissionEvent } from '../../domain/admission/events.js';
import type { TaskEvent } from '../../domain/task/events.js';
import type { Recorded, RecordedEvent } from '../../kernel/event.js';
import type { Stage } from '../../kernel/pipeline/stage.js';
import type { Key, ReadModel } from '../engine/read-model.js';

export const NOT_TERMINAL = "stage NOT IN ('done', 'cancelled')";

export type TaskRow = {
  readonly id: number;
  readonly plane_id: string;
  readonly work_item_id: string;
  /** The tracker's project. */
  readonly project_id: string;
  readonly repo: string;
  readonly branch: string;
  readonly stage: Stage;
  readonly title: string;
  /** As it was when the task was opened; data, never instruction. */
  readonly description: string;
  readonly visit: number;
  readonly round: number;
  readonly escalated: 0 | 1;
  readonly developer_retries: number;
  readonly track: string | null;
  readonly paused_at: string | null;
  readonly cancelled_at: string | null;
  readonly admitted_at: string | null;
  /** JSON list of `WaitReason`. */
  readonly waits: string;
  readonly stage_entered_at: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly pull_request: number | null;
  readonly head: string | null;
  readonly code_tree: string | null;
  /** JSON list of what the runs of this round wrote; null while its work is not finished. */
  readonly artifacts: string | null;
  readonly merged_commit: string | null;
  readonly approval_requested_at: string | null;
  readonly confirmation_requested_at: string | null;
  /** The newest answer of a gate in the current visit. */
  readonly gate: string | null;
  readonly gate_answer: string | null;
  readonly gate_reason: string | null;
  /** Why nothing goes on without a person. */
  readonly failure: string | null;
};

type Told = Exclude<TaskEvent, { type: 'TaskOpened' }> | AdmissionEvent;
type Change = Partial<TaskRow>;
type Changing<T extends Told['type']> = (event: Extract<Recorded<Told>, { type: T }>, row: TaskRow) => Change;

const CHANGES: { readonly [T in Told['type']]?: Changing<T> } = {
  TaskAdvanced: (event) => entered(event.data.to, event.data.visit, event.recordedAt),
  TaskSentBack: (event) => ({
    ...entered(event.data.to, event.data.visit, event.recordedAt),
    developer_retries: event.data.retries,
  }),
  TaskEscalated: (event) => ({ escalated: 1, failure: event.data.reason, developer_retries: event.data.retries }),
  TaskRestarted: () => ({ escalated: 0, developer_retries: 0, failure: null }),
  TaskCancelled: (event) => ({
    stage: 'cancelled',
    stage_entered_at: event.recordedAt,
    cancelled_at: event.recordedAt,
    waits: '[]',
    ...NOTHING_ASKED,
  }),
  WorkRequested: (event) => ({
    round: event.data.round,
    failure: null,
    artifacts: null,
    ...NOTHING_ASKED,
    ...NOTHING_ANSWERED,
  }),
  WorkFinished: (event, row) => ({
    head: event.data.commit.head,
    code_tree: event.data.commit.codeTree,
    pull_request: event.data.pullRequest ?? row.pull_request,
    artifacts: JSON.stringify(event.data.artifacts),
    failure: null,
  }),
  WorkFailed: (event) => ({ failure: event.data.reason }),
  BranchRebased: (event) => ({ head: event.data.to.head, code_tree: event.data.to.codeTree }),
  GateEvaluated: (event) => ({
    gate: event.data.gate,
    gate_answer: event.data.answer,
    gate_reason: event.data.reason,
  }),
  ApprovalRequested: (event) => ({ approval_requested_at: event.recordedAt }),
  ApprovalGiven: () => ({ approval_requested_at: null }),
  ConfirmationRequested: (event) => ({ confirmation_requested_at: event.recordedAt }),
  DeployConfirmed: () => ({ confirmation_requested_at: null }),
  ChangeMerged: (event) => ({ merged_commit: event.data.commit.head }),
  MergeRefused: (event) => ({ failure: event.data.reason }),
  TaskAdmitted: (event) => ({ admitted_at: event.recordedAt, waits: '[]' }),
  JobHeld: (event) => ({ waits: JSON.stringify(event.data.reasons) }),
  JobReleased: () => ({ waits: '[]' }),
  AdmissionClosed: () => ({ waits: '[]' }),
  TaskPaused: (event) => ({ paused_at: event.data.since }),
  TaskResumed: () => ({ paused_at: null }),
  TaskRetired: () => ({ waits: '[]' }),
};

export const tasks: ReadModel<TaskRow> = {
  table: 'tasks',
  key: 'id',
  version: 2,
  listensTo: ['TaskOpened', ...Object.keys(CHANGES)],
  keysOf: (event) => [taskIdOf(event)],
  apply: (row, event) => (event.type === 'TaskOpened' ? opened(event as OpenedEvent) : row && changed(row, event)),
};

type OpenedEvent = Extract<Recorded<TaskEvent>, { type: 'TaskOpened' }>;

/** Admission's events stand in the repository's stream and name the task; all others stand in the task's own. */
function taskIdOf(event: RecordedEvent): Key {
  if (event.stream.startsWith('task-')) return Number(event.stream.slice('task-'.length));
  return (event.data as { taskId: number }).taskId;
}

function opened({ data, recordedAt }: OpenedEvent): TaskRow {
  return {
    id: data.taskId,
    plane_id: data.itemId,
    work_item_id: data.workItem,
    project_id: data.projectId,
    repo: data.repo,
    branch: data.branch,
    title: data.title,
    description: data.description,
    ...entered('created', 0, recordedAt),
    developer_retries: 0,
    track: null,
    paused_at: null,
    cancelled_at: null,
    admitted_at: null,
    waits: '[]',
    created_at: recordedAt,
    updated_at: recordedAt,
    pull_request: null,
    head: null,
    code_tree: null,
  };
}

function changed(row: TaskRow, event: RecordedEvent): TaskRow {
  const change = CHANGES[event.type as Told['type']] as ((event: RecordedEvent, row: TaskRow) => Change) | undefined;
  return change ? { ...row, ...change(event, row), updated_at: event.recordedAt } : row;
}

const NOTHING_ASKED = { approval_requested_at: null, confirmation_requested_at: null } as const;
const NOTHING_ANSWERED = { gate: null, gate_answer: null, gate_reason: null } as const;

/** Nothing that was said in an earlier visit counts in a new one. */
function entered(stage: Stage, visit: number, at: string) {
  return {
    stage,
    visit,
    round: 0,
    stage_entered_at: at,
    escalated: 0 as const,
    artifacts: null,
    merged_commit: null,
    failure: null,
    ...NOTHING_ASKED,
    ...NOTHING_ANSWERED,
  };
}
