import type { Position } from '../../kernel/event.js';
import { EFFECT_INTENTS, isEffectIntent, settles } from '../../kernel/pipeline/effect-intents.js';

/** Something was asked for, and the log has no answer yet. At the end of a log that is normal. */
export interface OpenIntent {
  readonly position: Position;
  readonly type: string;
  readonly recordedAt: string;
}

interface Seen extends OpenIntent {
  readonly id: string;
  readonly cause: string | null;
}

const OUTCOMES: ReadonlySet<string> = new Set(Object.values(EFFECT_INTENTS).flatMap(({ outcomes }) => outcomes));

/** Keeps account of what is asked for and what answers it; its size is that of what is open. */
export class OpenIntents {
  readonly #open = new Map<string, OpenIntent>();

  /** The data is parsed only where it decides whether the event asks for anything. */
  see(event: Seen, data: string): void {
    if (event.cause !== null && OUTCOMES.has(event.type)) this.#settle(event.cause, event.type);
    const intent = EFFECT_INTENTS[event.type];
    if (!intent) return;
    if (intent.opensFor && !isEffectIntent({ type: event.type, data: JSON.parse(data) as object })) return;
    const { position, type, recordedAt } = event;
    this.#open.set(event.id, { position, type, recordedAt });
  }

  /** In the order of the log. */
  list(): readonly OpenIntent[] {
    return [...this.#open.values()];
  }

  #settle(cause: string, outcome: string): void {
    const intent = this.#open.get(cause);
    if (intent && settles(intent.type, outcome)) this.#open.delete(cause);
  }
}
