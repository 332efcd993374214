import type { EventLog } from '../../event-log/event-log.js';
import { BackgroundStats } from '../../kernel/background-stats.js';
import type { Position } from '../../kernel/event.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
import { toIso } from '../../kernel/time.js';
import type { ReadModels } from '../../projections/engine/read-models.js';
import { momentAt, timeAt } from '../../projections/event/moment.js';
import { settingsAt } from '../../projections/event/settings-at.js';
import { queueSnapshot, type QueueSettings } from '../../projections/queue/queue-snapshot.js';
import { underWayAsOf } from '../../projections/moments/under-way.js';
import { readStatus } from '../../projections/task/status.js';
import { readWhy } from '../../projections/why/why-at.js';
import type { Why } from '../../projections/why/why.js';
import { CommandFailed } from '../failure.js';
import { withLog, type LogChoice } from '../log-access.js';
import { aligned, dim, print, printJson } from '../terminal/text.js';
import { settingsOf } from '../settings.js';
import { tellQueue, tellStatus } from '../views.js';
import { linesOf as whyLines } from '../why.js';
import { cell } from './output.js';

export interface AtOptions extends LogChoice {
  readonly task?: string;
  readonly queue?: boolean;
  readonly json?: boolean;
}

/** A moment of the past and the settings of that time. */
interface Moment {
  readonly position: Position;
  readonly nowMs: number;
  readonly policy: Policy;
}

export function at(x: string, options: AtOptions): Promise<void> {
  return withLog(options, (log) => showAt(log, x, options));
}

async function showAt(log: EventLog, x: string, options: AtOptions): Promise<void> {
  const moment = await momentOf(log, x);
  if (!options.json) print(dim(`position ${moment.position}, ${toIso(moment.nowMs)}`));
  const { task: workItem } = options;
  const question = { position: moment.position, ...(workItem === undefined ? {} : { workItem }) };
  await underWayAsOf(log, question, (models) => showRows(models, moment, options));
}

async function momentOf(log: EventLog, x: string): Promise<Moment> {
  const position = await momentAt(log, x);
  // The configuration takes longer to load than the answer: only a log without settings needs it.
  const policy = (await settingsAt(log, position)) ?? (await settingsOf()).policy;
  return { position, nowMs: await timeAt(log, position), policy };
}

async function showRows(models: ReadModels, moment: Moment, { task, queue, json }: AtOptions): Promise<void> {
  if (task !== undefined) return showTask(await readTask(models, canonicalWorkItem(task), moment), moment, json);
  if (queue) return tellQueue(await queueSnapshot(models, await queueSettings(moment), moment.nowMs), json);
  const status = await readStatus(models);
  if (json) printJson({ position: String(moment.position), at: toIso(moment.nowMs), ...status });
  else tellStatus(status, moment.nowMs);
}

async function queueSettings({ policy }: Moment): Promise<QueueSettings> {
  return { policy, pollIntervalS: (await settingsOf()).pollIntervalS, stats: new BackgroundStats() };
}

type Row = Readonly<Record<string, unknown>>;

/** The rows of one work item, by table, and why it does not move. */
interface TaskThen {
  readonly tables: Readonly<Record<string, readonly Row[]>>;
  readonly why: Why;
}

const OF_TASK = {
  tasks: 'work_item_id = ?',
  jobs: 'work_item_id = ? ORDER BY id',
  agent_runs: 'work_item_id = ? ORDER BY claimed_at',
  deploys: 'work_item_id = ? ORDER BY id',
  dependencies: 'task_id IN (SELECT id FROM tasks WHERE work_item_id = ?)',
  open_effects: 'work_item_id = ? ORDER BY position',
} as const;

async function readTask(models: ReadModels, workItem: string, moment: Moment): Promise<TaskThen> {
  const why = await readWhy(models, workItem, moment);
  if (!why) throw new CommandFailed(1, `At position ${moment.position} there is no task of ${workItem}`);
  const tables: Record<string, readonly Row[]> = {};
  for (const [table, where] of Object.entries(OF_TASK))
    tables[table] = await models.all<Row>(`SELECT * FROM ${table} WHERE ${where}`, [workItem]);
  return { tables, why };
}

function showTask({ tables, why }: TaskThen, { position, nowMs }: Moment, json = false): void {
  if (json) return printJson({ position: String(position), at: toIso(nowMs), ...tables, why });
  for (const [table, rows] of Object.entries(tables)) for (const row of rows) rowLines(table, row).forEach(print);
  print('');
  whyLines(why).forEach(print);
}

/** What says nothing is left out. */
function rowLines(table: string, row: Row): readonly string[] {
  const told = Object.entries(row).filter(([, value]) => value !== null && value !== '' && value !== '[]');
  return ['', table, ...aligned(told.map(([column, value]) => ['', column, cell(value)]))];
}
