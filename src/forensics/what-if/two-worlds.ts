import type { EventLog } from '../../event-log/event-log.js';
import type { AnyDecider } from '../../kernel/decider.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import { firstDifference } from '../decisions/outcome.js';
import { evolved, StreamStates } from '../decisions/stream-states.js';

/**
 * The state of every stream as it was and as it would have been. The second is kept only where it differs, and only for the nouns
 * whose course is computed on: order and freezes, jobs, leases, budgets, the breaker.
 */
export class TwoWorlds {
  private readonly recorded: StreamStates;
  private readonly diverged = new Map<string, unknown>();
  /** By id, the stream that has lost it. */
  private readonly undone = new Map<string, string>();
  private readonly beyond = new Set<string>();

  constructor(log: EventLog, begin: Position) {
    this.recorded = new StreamStates(log, begin);
  }

  static isCarried({ category }: AnyDecider): boolean {
    return ['admission', 'job', 'merge-lease', 'budget', 'breaker', 'post-deploy'].includes(category);
  }

  before(decider: AnyDecider, event: RecordedEvent): Promise<unknown> {
    return this.recorded.before(decider, event.stream, event.revision);
  }

  recordedNow(decider: AnyDecider, stream: string, position: Position): Promise<unknown> {
    return this.recorded.now(decider, stream, position);
  }

  async now(decider: AnyDecider, stream: string, position: Position): Promise<unknown> {
    return this.diverged.has(stream) ? this.diverged.get(stream) : this.recorded.now(decider, stream, position);
  }

  hasDiverged(stream: string): boolean {
    return this.diverged.has(stream);
  }

  counterfactual(stream: string, recorded: unknown): unknown {
    return this.diverged.has(stream) ? this.diverged.get(stream) : recorded;
  }

  /** What was recorded happened in the one world, and what is given in the other. */
  advance(
    decider: AnyDecider,
    before: unknown,
    recorded: readonly RecordedEvent[],
    counterfactual: readonly RecordedEvent[],
  ): void {
    const stream = recorded[0]?.stream ?? '';
    const other = this.counterfactual(stream, before);
    this.recorded.advance(decider, before, recorded);
    if (recorded === counterfactual && !this.diverged.has(stream)) return;
    const is = counterfactual.reduce((state, event) => evolved(decider, state, event), other);
    const was = recorded.reduce((state, event) => evolved(decider, state, event), before);
    if (firstDifference(was, is)) this.diverged.set(stream, is);
    else this.diverged.delete(stream);
  }

  /** Something happened only in the other world. */
  diverge(decider: AnyDecider, before: unknown, events: readonly RecordedEvent[]): void {
    const stream = events[0]?.stream ?? '';
    this.diverged.set(
      stream,
      events.reduce((state, event) => evolved(decider, state, event), before),
    );
  }

  undo(event: RecordedEvent): void {
    this.undone.set(event.id, event.stream);
  }

  /** Of an event that came of one that is not in the other world, the stream of that one. */
  lostCauseOf({ metadata }: RecordedEvent): string | null {
    return metadata.$causationId === null ? null : (this.undone.get(metadata.$causationId) ?? null);
  }

  /** From here on nothing can be said of the stream. */
  leave(stream: string): void {
    this.beyond.add(stream);
  }

  isLeft(stream: string): boolean {
    return this.beyond.has(stream);
  }
}
