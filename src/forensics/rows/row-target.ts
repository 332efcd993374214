import type { EventFilter, EventLog } from '../../event-log/event-log.js';
import type { AnyReadModel, Key } from '../../projections/engine/read-model.js';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
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
    return { model, filter: { types, ...(await workItemOf(log, table, key)) }, isMeant, matches: () => true };
  }
  const name = column === 'work_item_id' ? canonicalWorkItem(key) : key;
  const matches = (row: Row): boolean => [row[column], row[model.key]].some((cell) => String(cell) === name);
  const isWorkItem = column === 'work_item_id' && /[A-Z]-\d+$/i.test(name);
  return { model, filter: isWorkItem ? { types, correlationId: name } : { types }, isMeant: () => true, matches };
}

/** Everything about a job belongs to the work item of its first event, which the log can select. */
async function workItemOf(log: EventLog, table: string, key: string): Promise<Pick<EventFilter, 'correlationId'>> {
  if (table !== 'jobs') return {};
  const [first] = await log.readStream(`job-${key}`, { limit: 1 });
  return first ? { correlationId: first.metadata.$correlationId } : {};
}
