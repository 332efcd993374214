import type { WaitReason } from '../../domain/admission/events.js';
import { gateApplies } from '../../domain/admission/serial-gate.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import type { GateFaultRow } from '../admission/gate-faults.js';
import type { FreezeRow } from '../admission/freezes.js';
import type { ReadModels } from '../engine/read-models.js';
import { NOT_TERMINAL } from '../task/tasks.js';
import type { TaskRow } from '../task/tasks.js';

export interface WaitingJob {
  readonly job_id: number;
  readonly work_item_id: string | null;
  readonly stage: string;
  /** Null: free to run as soon as a slot is free (UNK-30). */
  readonly reason: WaitReason['code'] | null;
  readonly since: string | null;
  readonly blocked_by: string | null;
}

/** What the serial gate sees in one repository. */
export interface RepoQueue {
  readonly active_task: { readonly work_item_id: string; readonly stage: string } | null;
  readonly waiting: readonly WaitingJob[];
  readonly paused: readonly { readonly work_item_id: string; readonly stage: string; readonly paused_at: string }[];
  readonly frozen: boolean;
  readonly frozen_reason: string | null;
  readonly frozen_at: string | null;
  /** The newest first; one person lifts them all. */
  readonly freeze_causes: readonly {
    readonly reason: string;
    readonly since: string;
    readonly actor: string;
    readonly work_item_id: string | null;
  }[];
  /** False where the repository is out of scope or the layer is off (AMB-19). */
  readonly freeze_effective: boolean;
  /** Parts of the gate that cannot answer, and rows that cannot be read: which way the gate goes meanwhile, and why (AMB-18). */
  readonly failing: readonly FailingPart[];
}

export type FailingPart = Pick<GateFaultRow, 'part' | 'direction' | 'error'> & { readonly since: string | null };

interface WaitingRow {
  readonly job_id: number;
  readonly repo: string;
  readonly work_item_id: string | null;
  readonly stage: string;
  readonly waits: string | null;
}

type OpenTask = Pick<TaskRow, 'repo' | 'work_item_id' | 'stage' | 'paused_at'>;

/** What a task that waits for several things is said to wait for (UNK-30). */
const PRIORITY: readonly WaitReason['code'][] = ['paused', 'freeze', 'dependency', 'active-task'];

/**
 * Every repository that is configured, frozen, or has something unfinished or waiting. What cannot be read is left out, and a
 * repository whose freezes cannot be read is shown as frozen: a frozen one never hides (SG-22, SG-34, SG-35).
 */
export async function repoQueues(models: ReadModels, policy: Policy): Promise<Readonly<Record<string, RepoQueue>>> {
  const freezes = await readable(
    models.all<FreezeRow>('SELECT * FROM repo_freeze WHERE cleared_at IS NULL ORDER BY position DESC'),
  );
  const tasks = await readable(
    models.all<OpenTask>(`SELECT repo, work_item_id, stage, paused_at FROM tasks WHERE ${NOT_TERMINAL} ORDER BY id`),
  );
  const waiting = await readable(
    models.all<WaitingRow>(`SELECT j.id AS job_id, j.repo, j.work_item_id, j.stage, j.waits
    FROM jobs j WHERE j.status = 'queued' AND j.agent = 'analyst' ORDER BY j.id`),
  );
  const faults = await readable(models.all<GateFaultRow>('SELECT * FROM gate_faults ORDER BY position'));
  const unread = [...(freezes ? [] : [unreadable('frozen')]), ...(tasks ? [] : [unreadable('activeTasks')])];
  const rows = { freezes, tasks: tasks ?? [], waiting: waiting ?? [], faults: faults ?? [], unread };
  const configured = policy.projects.map((project) => project.repo);
  const repos = new Set([
    ...configured,
    ...[...(freezes ?? []), ...rows.tasks, ...rows.waiting].map((row) => row.repo),
  ]);
  const of = (repo: string) => queueOf(repo, policy.serialGate, rows);
  return Object.fromEntries([...repos].sort().map((repo) => [repo, of(repo)]));
}

function readable<Rows>(reading: Promise<Rows>): Promise<Rows | null> {
  return reading.catch(() => null);
}

function unreadable(part: FailingPart['part']): FailingPart {
  const direction = part === 'frozen' ? 'holds' : 'opens';
  return { part, direction, error: 'the rows cannot be read', since: null };
}

interface Rows {
  /** Null when they cannot be read. */
  readonly freezes: readonly FreezeRow[] | null;
  readonly tasks: readonly OpenTask[];
  readonly waiting: readonly WaitingRow[];
  readonly faults: readonly GateFaultRow[];
  readonly unread: readonly FailingPart[];
}

function queueOf(repo: string, gate: Policy['serialGate'], rows: Rows): RepoQueue {
  const tasks = rows.tasks.filter((row) => row.repo === repo);
  const active = tasks.find((task) => !gate.pauseEnabled || task.paused_at === null);
  return {
    active_task: active ? { work_item_id: active.work_item_id, stage: active.stage } : null,
    waiting: rows.waiting.filter((row) => row.repo === repo).map(waitingJob),
    paused: tasks.flatMap(({ work_item_id, stage, paused_at }) =>
      paused_at === null ? [] : [{ work_item_id, stage, paused_at }],
    ),
    ...freezeOf(repo, gate, rows.freezes),
    failing: [...rows.faults.filter((fault) => fault.repo === repo).map(failingPart), ...rows.unread],
  };
}

function failingPart({ part, direction, error, since }: GateFaultRow): FailingPart {
  return { part, direction, error, since };
}

function freezeOf(repo: string, gate: Policy['serialGate'], freezes: Rows['freezes']) {
  const causes = freezes?.filter((row) => row.repo === repo) ?? [];
  const frozen = causes.length > 0 || (freezes === null && gate.freezeEnabled);
  return {
    frozen,
    ...newestOf(causes),
    freeze_causes: causes.map(({ reason, frozen_at, frozen_by, work_item_id }) => ({
      ...{ reason, since: frozen_at, actor: frozen_by, work_item_id },
    })),
    freeze_effective: frozen && gateApplies(repo, gate) && gate.freezeEnabled,
  };
}

function newestOf([newest]: readonly FreezeRow[]): Pick<RepoQueue, 'frozen_reason' | 'frozen_at'> {
  return { frozen_reason: newest?.reason ?? null, frozen_at: newest?.frozen_at ?? null };
}

function waitingJob({ job_id, work_item_id, stage, waits }: WaitingRow): WaitingJob {
  const first = firstReason(waits);
  return {
    job_id,
    work_item_id,
    stage,
    reason: first?.code ?? null,
    since: first?.since ?? null,
    blocked_by: first?.ref ?? null,
  };
}

function firstReason(waits: string | null): WaitReason | undefined {
  const reasons = JSON.parse(waits ?? '[]') as readonly WaitReason[];
  return PRIORITY.map((code) => reasons.find((reason) => reason.code === code)).find((reason) => reason !== undefined);
}
