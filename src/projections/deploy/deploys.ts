import type { DeployAction, DeployEvent, Environment } from '../../domain/deploy/events.js';
import type { Recorded } from '../../kernel/event.js';
import type { Stage } from '../../kernel/pipeline/stage.js';
import type { ReadModel } from '../engine/read-model.js';

export type DeployRow = {
  readonly id: number;
  readonly task_id: number;
  readonly work_item_id: string;
  readonly repo: string;
  readonly environment: Environment;
  readonly action: DeployAction;
  readonly stage: Stage;
  readonly visit: number;
  readonly round: number;
  readonly head: string;
  readonly code_tree: string;
  readonly status: 'requested' | 'started' | 'not-started' | 'finished';
  readonly pid: number | null;
  readonly start_ticks: number | null;
  readonly boot_id: string | null;
  readonly run_directory: string | null;
  readonly requested_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly verdict: 'SUCCESS' | 'FAILED' | null;
  readonly exit_code: number | null;
  readonly reason: string | null;
  /** JSON list of `HookCheck`. */
  readonly checks: string;
  /** JSON list of the names of tolerated checks. */
  readonly waived: string;
};

type Event<T extends DeployEvent['type']> = Extract<Recorded<DeployEvent>, { type: T }>;
type Told = Event<'DeployStarted' | 'DeployStartFailed' | 'DeployFinished'>;

export const deploys: ReadModel<DeployRow> = {
  table: 'deploys',
  key: 'id',
  version: 2,
  listensTo: ['DeployRequested', 'DeployStarted', 'DeployStartFailed', 'DeployFinished'],
  keysOf: (event) => [(event.data as { deployId: number }).deployId],
  apply: (row, event) =>
    event.type === 'DeployRequested'
      ? requested(event as Event<'DeployRequested'>)
      : row && { ...row, ...change(event as Told) },
};

function requested({ data, recordedAt }: Event<'DeployRequested'>): DeployRow {
  return {
    id: data.deployId,
    task_id: data.taskId,
    work_item_id: data.workItem,
    repo: data.repo,
    environment: data.environment,
    action: data.action,
    stage: data.stage,
    visit: data.visit,
    round: data.round,
    head: data.revision.head,
    code_tree: data.revision.codeTree,
    status: 'requested',
    pid: null,
    start_ticks: null,
    boot_id: null,
    run_directory: null,
    requested_at: recordedAt,
    started_at: null,
    finished_at: null,
    verdict: null,
    exit_code: null,
    reason: null,
    checks: '[]',
    waived: '[]',
  };
}

function change(event: Told): Partial<DeployRow> {
  switch (event.type) {
    case 'DeployStarted':
      return started(event);
    case 'DeployStartFailed':
      return { status: 'not-started', reason: event.data.reason, finished_at: event.recordedAt };
    case 'DeployFinished':
      return finished(event);
  }
}

function started({ data }: Event<'DeployStarted'>): Partial<DeployRow> {
  return {
    status: 'started',
    pid: data.pid,
    start_ticks: data.startTicks,
    boot_id: data.bootId,
    run_directory: data.runDirectory,
    started_at: data.startedAt,
  };
}

function finished({ data }: Event<'DeployFinished'>): Partial<DeployRow> {
  return {
    status: 'finished',
    finished_at: data.endedAt,
    verdict: data.verdict,
    exit_code: data.exitCode,
    reason: data.reason,
    checks: JSON.stringify(data.checks),
    waived: JSON.stringify(data.waived),
  };
}
