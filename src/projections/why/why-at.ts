import type { EventLog } from '../../event-log/event-log.js';
import type { Position } from '../../kernel/event.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
import type { ReadModels } from '../engine/read-models.js';
import { timeAt } from '../event/moment.js';
import { settingsAt } from '../event/settings-at.js';
import { underWayAsOf } from '../moments/under-way.js';
import type { TaskRow } from '../task/tasks.js';
import { readWhyFacts } from './why-facts.js';
import { whyOf, type Why } from './why.js';

export interface Moment {
  readonly policy: Policy;
  readonly nowMs: number;
}

/** Of the newest task of the work item. */
export async function readWhy(models: ReadModels, workItem: string, { policy, nowMs }: Moment): Promise<Why | null> {
  const sql = 'SELECT * FROM tasks WHERE work_item_id = ? ORDER BY id DESC LIMIT 1';
  const task = await models.first<TaskRow>(sql, [canonicalWorkItem(workItem)]);
  if (!task) return null;
  const [facts] = await readWhyFacts(models, [task], nowMs);
  return facts ? whyOf(facts, policy) : null;
}

/** Folds the log up to there and asks the same function, under the settings that were in force then. */
export async function whyAt(
  log: EventLog,
  workItem: string,
  position: Position,
  otherwise: Policy,
): Promise<Why | null> {
  const moment = { policy: (await settingsAt(log, position)) ?? otherwise, nowMs: await timeAt(log, position) };
  return underWayAsOf(log, { position, workItem }, (models) => readWhy(models, workItem, moment));
}
