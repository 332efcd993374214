import type { EventLog } from '../../event-log/event-log.js';
import type { Position } from '../../kernel/event.js';
import { readSchema } from '../engine/schema.js';
import { READ_MODELS } from '../read-models.js';
import { takeMoment, type Moment } from './moment.js';
import { Moments } from './moments.js';
import { underWayAsOf } from './under-way.js';

/** What was under way when the event at this position came. */
export function momentBefore(log: EventLog, position: Position): Promise<Moment> {
  const tables = READ_MODELS.map(({ table }) => table);
  return underWayAsOf(log, { position: position - 1 }, (models) => takeMoment(models, tables, position - 1));
}

/** Names the tables and rules of this release. */
export async function rulesNow(): Promise<string> {
  return (await readSchema(READ_MODELS)).fingerprint;
}

interface MomentOfLog {
  readonly logId: string;
  readonly fingerprint: string;
  readonly moment: object | null;
}

/** So that questions about an excerpt begin where it is whole. */
export async function keepMomentOf({ moment, ...folded }: MomentOfLog, path: string): Promise<void> {
  if (moment) await new Moments({ kept: path }).keep(folded, moment as Moment);
}
