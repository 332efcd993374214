import type { Accepted, Answer } from '../kernel/answer.js';
import { assert } from '../kernel/assert.js';
import type { Command } from '../kernel/command.js';
import type { AnyDecider } from '../kernel/decider.js';
import type { DomainEvent, EventMetadata, NewEvent, RecordedEvent } from '../kernel/event.js';
import { deriveId } from '../kernel/ids.js';
import type { Policy } from '../kernel/pipeline/policy.js';
import { isRefused, Refused } from '../kernel/refused.js';
import { VersionConflict } from '../event-log/errors.js';
import type { AppendedStream, EventLog } from '../event-log/event-log.js';
import type { Aggregates, Loaded } from './aggregates.js';

const NOTHING: Accepted = { events: [], position: null };
const ATTEMPTS_MAX = 20;

/** Load, decide, append; when somebody was first, look again and decide anew. The only place that retries a conflict. */
export class Transact {
  constructor(
    private readonly log: Pick<EventLog, 'append'>,
    private readonly aggregates: Aggregates,
    private readonly policy: Policy,
  ) {}

  async run(decider: AnyDecider, command: Command): Promise<Answer> {
    assert(command.stream.startsWith(decider.category), `${command.type} is for a stream of ${decider.category}`);
    let loaded = await this.aggregates.load(decider, command.stream);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(decider, command, loaded);
      } catch (error) {
        if (!(error instanceof VersionConflict)) throw error;
        if (error.stream !== command.stream) return moved(error);
        if (attempt === ATTEMPTS_MAX) throw error;
        loaded = await this.aggregates.refresh(decider, command.stream);
      }
    }
  }

  private async attempt(decider: AnyDecider, command: Command, loaded: Loaded<unknown>): Promise<Answer> {
    if (loaded.commandIds.includes(command.context.commandId)) return NOTHING;
    const decision = decider.decide(command, loaded.state, this.policy) as readonly DomainEvent[] | Refused;
    if (isRefused(decision) || decision.length === 0) return this.confirmed(decider, command, loaded, decision);
    const events = decision.map((event, ordinal) => toNewEvent(event, ordinal, command, decider));
    const expected = loaded.revision < 0 ? 'no-stream' : loaded.revision;
    const [appended] = await this.log.append([{ stream: command.stream, expected, events }], command.pins);
    assert(appended, 'an append answers for every stream');
    const recorded = toRecorded(events, appended, command);
    this.aggregates.advance(decider, command.stream, loaded, recorded);
    return { events: recorded, position: appended.positions.at(-1) ?? null };
  }

  /**
   * What changes nothing is not held against the log by an append. Out of a remembered state, "no" and "nothing to do" are only final when
   * the log holds nothing newer: somebody else may write to it.
   */
  private async confirmed(
    decider: AnyDecider,
    command: Command,
    loaded: Loaded<unknown>,
    decision: readonly DomainEvent[] | Refused,
  ): Promise<Answer> {
    const fresh = await this.aggregates.refresh(decider, command.stream);
    if (fresh.revision !== loaded.revision) return this.attempt(decider, command, fresh);
    return isRefused(decision) ? decision : NOTHING;
  }
}

/** Whoever pinned a stream has looked at something that is no longer so, and looks again. */
function moved({ stream, expected, actual }: VersionConflict): Refused {
  return new Refused('moved', `${stream} has moved on`, { stream, expected, actual });
}

/** The same command always makes the same ids, so that a lost answer can be asked for again. */
function toNewEvent(event: DomainEvent, ordinal: number, command: Command, decider: AnyDecider): NewEvent {
  const { commandId, correlationId, causationId, actor, at } = command.context;
  const metadata: EventMetadata = {
    $correlationId: workItemOf(event) ?? correlationId,
    $causationId: causationId,
    actor,
    schemaVersion: (decider.events as Record<string, number>)[event.type] ?? 1,
    commandId,
    ...(ordinal === 0 ? { command: { type: command.type, at, payload: command.payload } } : {}),
  };
  return { id: deriveId(command.stream, commandId, ordinal), type: event.type, data: event.data, metadata };
}

/** What one task's end means for another one belongs to the story of that other one. */
function workItemOf(event: DomainEvent): string | null {
  const { workItem } = event.data as { readonly workItem?: string | null };
  return workItem ?? null;
}

/** What the log will give back, without reading it again; only the time is the command's and not the log's. */
function toRecorded(events: readonly NewEvent[], appended: AppendedStream, command: Command): readonly RecordedEvent[] {
  const first = appended.revision - events.length + 1;
  return events.map((event, index) => ({
    ...event,
    stream: command.stream,
    revision: first + index,
    position: appended.positions[index] ?? 0,
    recordedAt: command.context.at,
  }));
}
