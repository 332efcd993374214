import type {
  PostDeployEvent,
  ProbeAnswer,
  ProductionProbed,
  RollbackFailed,
  WatchAction,
  WatchArmed,
  WatchEnded,
  WatchStatus,
} from '../../domain/post-deploy/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { ReadModel } from '../engine/read-model.js';

/** One look at production after one deploy. */
export type WatchRow = {
  readonly id: number;
  /** The event that armed it. */
  readonly armed_by: string;
  readonly repo: string;
  readonly task_id: number;
  readonly work_item_id: string;
  readonly deploy_id: number | null;
  readonly head: string | null;
  readonly rollback_of: number | null;
  readonly started_at: string;
  readonly until: string;
  readonly interval_ms: number;
  readonly checks: number;
  readonly threshold: number;
  /** The newest check that was made. */
  readonly last_check: number;
  readonly last_answer: ProbeAnswer | null;
  readonly last_detail: string | null;
  readonly checks_total: number;
  readonly checks_failed: number;
  readonly checks_unmeasured: number;
  readonly checks_missed: number;
  readonly failed_in_row: number;
  /** Null while it goes on. */
  readonly status: WatchStatus | null;
  readonly action: WatchAction | null;
  readonly reason: string | null;
  /** Why nothing more, or nothing less, is done about a DEGRADED. */
  readonly action_reason: string | null;
  readonly ended_at: string | null;
  /** Of the event that ended it. */
  readonly position: number | null;
};

const TYPES = ['WatchArmed', 'ProductionProbed', 'WatchEnded', 'RollbackFailed'] as const;
type Told = RecordedEvent<Extract<PostDeployEvent, { type: (typeof TYPES)[number] }>>;

export const watches: ReadModel<WatchRow> = {
  table: 'post_deploy_watches',
  key: 'id',
  version: 2,
  listensTo: TYPES,
  keysOf: (event) => [(event as Told).data.watchId],
  apply(row, event) {
    if (event.type === 'WatchArmed') return armed(event as RecordedEvent<WatchArmed>);
    return row && { ...row, ...change(row, event) };
  },
};

function armed({ id, data }: RecordedEvent<WatchArmed>): WatchRow {
  const { startedAt, until, intervalMs, checks, threshold } = data.schedule;
  return {
    id: data.watchId,
    armed_by: id,
    repo: data.repo,
    task_id: data.taskId,
    work_item_id: data.workItem,
    deploy_id: data.deployId,
    head: data.revision?.head ?? null,
    rollback_of: data.rollbackOf,
    started_at: startedAt,
    until,
    interval_ms: intervalMs,
    checks,
    threshold,
    ...NOTHING_SEEN,
    ...NOT_ENDED,
  };
}

const NOTHING_SEEN = {
  ...{ last_check: 0, last_answer: null, last_detail: null, failed_in_row: 0 },
  ...{ checks_total: 0, checks_failed: 0, checks_unmeasured: 0, checks_missed: 0 },
};
const NOT_ENDED = { status: null, action: null, reason: null, action_reason: null, ended_at: null, position: null };

function change(row: WatchRow, event: RecordedEvent): Partial<WatchRow> {
  if (event.type === 'ProductionProbed') return probed(row, event as RecordedEvent<ProductionProbed>);
  if (event.type === 'WatchEnded') return ended(event as RecordedEvent<WatchEnded>);
  const { data } = event as RecordedEvent<RollbackFailed>;
  return { action_reason: `${row.action_reason}; the rollback (deploy ${data.deployId}) failed: ${data.reason}` };
}

function probed(row: WatchRow, { data }: RecordedEvent<ProductionProbed>): Partial<WatchRow> {
  const { check, answer, detail, missed, failedInRow } = data;
  return {
    last_check: check,
    last_answer: answer,
    last_detail: detail,
    failed_in_row: failedInRow,
    checks_total: row.checks_total + 1,
    checks_failed: row.checks_failed + (answer === 'failed' ? 1 : 0),
    checks_unmeasured: row.checks_unmeasured + (answer === 'unmeasured' ? 1 : 0),
    checks_missed: row.checks_missed + missed,
  };
}

function ended({ data, position }: RecordedEvent<WatchEnded>): Partial<WatchRow> {
  const { status, action, reason, actionReason: action_reason, endedAt, checks } = data;
  return { status, action, reason, action_reason, ended_at: endedAt, position, checks_missed: checks.missed };
}
