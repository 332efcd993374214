import type { EventFilter, EventLog } from '../../event-log/event-log.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { AnyReadModel, Key } from '../../projections/engine/read-model.js';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
import { pagesOf, WHOLE_LOG } from '../pages.js';
import type { Row } from './row-steps.js';

/** Rows of one read model, as an operator names them. */
export interface RowTarget {
  readonly model: AnyReadModel;
  /** The events that can concern them. */
  readonly filter: EventFilter;
  /** Decides before a row is folded. */
  readonly isMeant: (key: Key) => boolean;
  /** Decides by what the row says. */
  readonly matches: (row: Row) => boolean;
}

/** What operators call a table that has another name inside. */
const OTHER_NAMES: Readonly<Record<string, string>> = { agent_runs: 'runs', job_deps: 'dependencies' };

/** The column by which a row is named, where that is not its own key (contracts, `replay blame`). */
const NAMED_BY: Readonly<Record<string, string>> = {
  tasks: 'work_item_id',
  repo_freeze: 'repo',
  items: 'work_item_id',
};

export function readModelNamed(name: string, models: readonly AnyReadModel[]): AnyReadModel | null {
  return models.find(({ table }) => table === (OTHER_NAMES[name] ?? name)) ?? null;
}

/** All rows of the table, or those that the key names: by their own key, or by the one that operators know. */
export async function rowTarget(log: EventLog, model: AnyReadModel, key: string | null): Promise<RowTarget> {
  const { table, listensTo: types } = model;
  if (key === null) return { model, filter: { types }, isMeant: () => true, matches: () => true };
  const column = NAMED_BY[table];
  if (column === undefined) {
    const isMeant = (own: Key): boolean => String(own) === key;
    return { model, filter: { types, ...(await workItemOf(log, model, key)) }, isMeant, matches: () => true };
  }
  const name = column === 'work_item_id' ? canonicalWorkItem(key) : key;
  const matches = (row: Row): boolean => [row[column], row[model.key]].some((cell) => String(cell) === name);
  const isWorkItem = column === 'work_item_id' && /[A-Z]-\d+$/i.test(name);
  return { model, filter: isWorkItem ? { types, correlationId: name } : { types }, isMeant: () => true, matches };
}

/** The stream of whose first event the row is; everything about the row belongs to the work item of that event. */
const STREAM_OF: Readonly<Record<string, (key: string) => string>> = {
  jobs: (key) => `job-${key}`,
  deploys: (key) => `deploy-${key}`,
  task_causes: (key) => `task-${key.split(':')[0]}`,
};

/** The event that makes a row whose key names no stream. */
const BORN_BY: Readonly<Record<string, string>> = { runs: 'JobClaimed' };

/** The log can select the events of a work item; those of a table are most of the log. A row that nothing made has none. */
async function workItemOf(log: EventLog, model: AnyReadModel, key: string): Promise<EventFilter> {
  const stream = STREAM_OF[model.table]?.(key);
  const type = BORN_BY[model.table];
  if (stream === undefined && type === undefined) return {};
  const first =
    type === undefined
      ? (await log.readStream(stream ?? '', { limit: 1 }))[0]
      : await firstOf(log, type, (event) => model.keysOf(event).includes(key));
  return first ? { correlationId: first.metadata.$correlationId } : { types: [] };
}

async function firstOf(
  log: EventLog,
  type: string,
  isMeant: (event: RecordedEvent) => boolean,
): Promise<RecordedEvent | undefined> {
  for await (const page of pagesOf(log, WHOLE_LOG, { types: [type], withoutCommands: true })) {
    const found = page.find(isMeant);
    if (found) return found;
  }
  return undefined;
}
