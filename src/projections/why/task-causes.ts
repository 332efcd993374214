import type { AdmissionEvent } from '../../domain/admission/events.js';
import type { JobEvent } from '../../domain/job/events.js';
import type { TaskEvent } from '../../domain/task/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { GATES, type Gate } from '../../kernel/pipeline/stage.js';
import type { Key, ReadModel } from '../engine/read-model.js';

/** What a task does or waits for. A gate is here while its newest answer is not green. */
export type CauseKind =
  | ('paused' | 'held' | 'back-off' | 'run' | 'publication')
  | ('work' | 'gate-check' | 'approval' | 'confirmation' | 'merge' | 'failure' | 'escalation')
  | Gate;

/** The event that brought it about. */
export type TaskCauseRow = {
  /** `<task>:<kind>`. */
  readonly id: string;
  readonly task_id: number;
  readonly kind: CauseKind;
  readonly position: number;
  readonly at: string;
  readonly actor: string;
  /** The reason that the event gives; of work, who performs it. */
  readonly detail: string | null;
};

type Told = TaskEvent | AdmissionEvent | JobEvent;
interface Rule {
  readonly sets?: CauseKind;
  readonly settles: readonly CauseKind[];
}

const ANSWERED: readonly CauseKind[] = ['gate-check', 'approval', 'confirmation', 'failure', 'escalation', ...GATES];
const LEFT: readonly CauseKind[] = ['work', 'merge', ...ANSWERED];

const RULES: { readonly [Type in Told['type']]?: Rule } = {
  TaskAdvanced: { settles: LEFT },
  TaskSentBack: { settles: LEFT },
  TaskCancelled: { settles: ['paused', 'held', ...LEFT] },
  TaskEscalated: { sets: 'escalation', settles: [] },
  TaskRestarted: { settles: ['failure', 'escalation'] },
  WorkRequested: { sets: 'work', settles: ANSWERED },
  WorkFinished: { settles: ['work', 'failure'] },
  WorkFailed: { sets: 'failure', settles: ['work'] },
  GateCheckRequested: { sets: 'gate-check', settles: [] },
  GateCheckAnswered: { settles: ['gate-check'] },
  ApprovalRequested: { sets: 'approval', settles: [] },
  ApprovalGiven: { settles: ['approval'] },
  ConfirmationRequested: { sets: 'confirmation', settles: [] },
  DeployConfirmed: { settles: ['confirmation'] },
  MergeRequested: { sets: 'merge', settles: [] },
  ChangeMerged: { settles: ['merge'] },
  MergeRefused: { settles: ['merge'] },
  TaskPaused: { sets: 'paused', settles: [] },
  TaskResumed: { settles: ['paused'] },
  TaskRetired: { settles: ['paused', 'held'] },
  JobHeld: { sets: 'held', settles: [] },
  JobReleased: { settles: ['held'] },
  AdmissionClosed: { settles: ['held'] },
  JobClaimed: { sets: 'run', settles: ['held', 'back-off'] },
  PublicationFailed: { sets: 'publication', settles: [] },
  JobRequeued: { sets: 'back-off', settles: ['run', 'publication'] },
  JobSucceeded: { settles: ['run', 'publication'] },
  JobFailed: { settles: ['run', 'back-off', 'publication'] },
  JobCancelled: { settles: ['run', 'back-off', 'publication'] },
};

export const taskCauses: ReadModel<TaskCauseRow> = {
  table: 'task_causes',
  key: 'id',
  version: 2,
  listensTo: [...Object.keys(RULES), 'GateEvaluated'],
  keysOf(event) {
    const taskId = taskIdOf(event);
    if (taskId === null) return [];
    const { sets, settles } = ruleOf(event);
    return [...new Set([...settles, ...(sets ? [sets] : [])])].map((kind) => `${taskId}:${kind}`);
  },
  apply(_, event, key) {
    const { sets } = ruleOf(event);
    const taskId = taskIdOf(event);
    return sets !== undefined && key === `${taskId}:${sets}` ? brought(event, sets, key) : undefined;
  },
};

function ruleOf(event: RecordedEvent): Rule {
  if (event.type !== 'GateEvaluated') return RULES[event.type as Told['type']] ?? { settles: [] };
  const { gate, answer } = event.data as { readonly gate: Gate; readonly answer: string };
  return answer === 'passed' ? { settles: [gate] } : { sets: gate, settles: [] };
}

function brought(event: RecordedEvent, kind: CauseKind, key: Key): TaskCauseRow {
  const { reason, performer } = event.data as { readonly reason?: string; readonly performer?: string };
  const { position, recordedAt: at, metadata } = event;
  const detail = reason ?? performer ?? null;
  return { id: String(key), task_id: taskIdOf(event) ?? 0, kind, position, at, actor: metadata.actor, detail };
}

/** Null for a job without a task. */
function taskIdOf(event: RecordedEvent): number | null {
  if (event.stream.startsWith('task-')) return Number(event.stream.slice('task-'.length));
  return (event.data as { readonly taskId: number | null }).taskId;
}
