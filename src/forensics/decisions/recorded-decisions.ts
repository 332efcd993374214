import { DECIDERS } from '../../commands/deciders.js';
import type { EventLog } from '../../event-log/event-log.js';
import { assert } from '../../kernel/assert.js';
import type { Command } from '../../kernel/command.js';
import type { AnyDecider } from '../../kernel/decider.js';
import type { EventMetadata, RecordedEvent } from '../../kernel/event.js';
import { pagesOf, type Range } from '../pages.js';

/** What one command came to: events that stand next to each other in one stream and carry the same command id. */
export interface RecordedDecision {
  readonly stream: string;
  readonly commandId: string;
  /** Null: the first event does not say what was decided, as those of hand-made logs. */
  readonly command: EventMetadata['command'] | null;
  readonly first: RecordedEvent;
  readonly events: readonly RecordedEvent[];
}

/** Every decision of a part of the log, in order, page by page. A decision that begins before the part is left out. */
export async function* decisionsOf(
  log: EventLog,
  range: Range,
): AsyncGenerator<readonly RecordedDecision[], void, void> {
  const grouping = new Grouping();
  for await (const page of pagesOf(log, range)) yield grouping.take(page);
  yield grouping.end();
}

class Grouping {
  private open: RecordedEvent[] = [];

  take(page: readonly RecordedEvent[]): readonly RecordedDecision[] {
    const closed: RecordedDecision[] = [];
    for (const event of page) {
      if (!this.belongs(event)) closed.push(...this.end());
      this.open.push(event);
    }
    return closed;
  }

  end(): readonly RecordedDecision[] {
    const { open } = this;
    const [first] = open;
    this.open = [];
    if (!first) return [];
    const { stream, metadata } = first;
    return [{ stream, commandId: metadata.commandId, command: metadata.command ?? null, first, events: open }];
  }

  /** A command that is named begins a decision, whatever its id. */
  private belongs({ stream, metadata }: RecordedEvent): boolean {
    const [first] = this.open;
    if (!first || metadata.command) return false;
    return first.stream === stream && first.metadata.commandId === metadata.commandId;
  }
}

/** The command as it was given, as far as decisions may know it; null where it was not recorded. */
export function commandOf({ stream, command, first }: RecordedDecision): Command | null {
  if (!command) return null;
  const { commandId, actor, $correlationId: correlationId, $causationId: causationId } = first.metadata;
  const context = { commandId, at: command.at, actor, correlationId, causationId };
  return { type: command.type, stream, payload: command.payload, context, pins: [] };
}

/** Which noun decides in a stream. */
export class Nouns {
  private readonly byLength: readonly AnyDecider[];
  private readonly known = new Map<string, AnyDecider>();

  constructor(deciders: readonly AnyDecider[] = DECIDERS) {
    this.byLength = [...deciders].sort((one, other) => other.category.length - one.category.length);
    for (const decider of deciders) this.known.set(decider.category, decider);
  }

  of(stream: string): AnyDecider | null {
    const quick = this.known.get(stream.slice(0, Math.max(0, stream.indexOf('-'))));
    if (quick) return quick;
    return this.byLength.find(({ category }) => stream === category || stream.startsWith(`${category}-`)) ?? null;
  }

  named(category: string): AnyDecider {
    const decider = this.known.get(category);
    assert(decider, `${category} decides`);
    return decider;
  }
}
