import type { EventLog } from '../../event-log/event-log.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { Effect, EffectClass, Outcome } from '../effect.js';
import { claimOf } from './claim-of.js';

export interface HostWorld {
  readonly log: Pick<EventLog, 'readStream'>;
  readonly instance: { readonly name: string };
}

/** What concerns a run is done on the host that it was claimed for, whoever leads; everywhere else it is left alone. */
export class OnItsHost implements Effect {
  readonly intent: string;
  readonly effectClass: EffectClass;

  constructor(
    private readonly effect: Effect,
    private readonly world: HostWorld,
  ) {
    this.intent = effect.intent;
    this.effectClass = effect.effectClass;
  }

  lane(event: RecordedEvent): string {
    return this.effect.lane(event);
  }

  async act(event: RecordedEvent, outcome: Outcome, signal: AbortSignal): Promise<void> {
    const claim = await claimOf(this.world.log, event);
    if (claim?.data.worker === this.world.instance.name) await this.effect.act(event, outcome, signal);
  }
}
