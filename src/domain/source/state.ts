import type { Recorded } from '../../kernel/event.js';
import type { SourceEvent } from './events.js';

export interface SourceState {
  /** Changes that polls found since the last webhook, whatever that said. */
  readonly missed: number;
  /** When the first of them was told: the time of the command, which decides the same again; the time of the record comes after it. */
  readonly missedSince: string | null;
  readonly isSilent: boolean;
  /** Position of the newest change that was counted. */
  readonly countedUntil: number;
}

export const SPEAKING: SourceState = { missed: 0, missedSince: null, isSilent: false, countedUntil: 0 };

export function evolveSource(state: SourceState, event: Recorded<SourceEvent>): SourceState {
  switch (event.type) {
    case 'ChangeNoticed':
      return counted({ ...state, countedUntil: event.data.change }, event.data.via, event.metadata.command?.at ?? null);
    case 'WebhooksMissed':
      return { ...state, isSilent: true, missedSince: event.data.since };
    case 'WebhooksHeard':
      return { ...SPEAKING, countedUntil: state.countedUntil };
  }
}

function counted(state: SourceState, via: 'webhook' | 'poll', at: string | null): SourceState {
  if (via === 'webhook') return state;
  return { ...state, missed: state.missed + 1, missedSince: state.missedSince ?? at };
}
