import { EFFECT_INTENTS, isEffectIntent, settles } from '../../kernel/pipeline/effect-intents.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { ReadModel } from '../engine/read-model.js';

/** An intent without an outcome: asked for, and not known to be done. */
export type OpenEffectRow = {
  /** Id of the event that asked. */
  readonly effect_id: string;
  readonly type: string;
  readonly stream: string;
  readonly position: number;
  readonly work_item_id: string;
  readonly requested_at: string;
};

const INTENTS = Object.keys(EFFECT_INTENTS);
const OUTCOMES: ReadonlySet<string> = new Set(Object.values(EFFECT_INTENTS).flatMap((intent) => intent.outcomes));

export const openEffects: ReadModel<OpenEffectRow> = {
  table: 'open_effects',
  key: 'effect_id',
  version: 1,
  listensTo: [...new Set([...INTENTS, ...OUTCOMES])],
  keysOf,
  apply(row, event, key) {
    if (key === event.id) return opened(event);
    return row && settles(row.type, event.type) ? undefined : row;
  },
};

/** An event can settle one intent and be the next one itself, as the end of a run is. */
function keysOf(event: RecordedEvent): readonly string[] {
  const cause = OUTCOMES.has(event.type) ? event.metadata.$causationId : null;
  const keys = cause === null ? [] : [cause];
  return isEffectIntent(event) ? [...keys, event.id] : keys;
}

function opened(event: RecordedEvent): OpenEffectRow {
  return {
    effect_id: event.id,
    type: event.type,
    stream: event.stream,
    position: event.position,
    work_item_id: event.metadata.$correlationId,
    requested_at: event.recordedAt,
  };
}
