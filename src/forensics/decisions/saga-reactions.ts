import { SAGAS } from '../../sagas/every-saga.js';
import { commandsOf, type Saga } from '../../sagas/saga.js';
import type { Command } from '../../kernel/command.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { Policy } from '../../kernel/pipeline/policy.js';

/** A command that a saga gives because of an event, computed again. */
export interface Reaction {
  readonly saga: string;
  readonly command: Command;
  readonly because: RecordedEvent;
  /** Whether there was a moment since then at which the command changed nothing; then nothing of it is in the log. */
  settled: boolean;
}

/** What follows from seeing the outcome of a reaction. */
export interface Followed {
  /** Null: no saga gives this command. */
  readonly reaction: Reaction | null;
  /** Reactions of the same saga to earlier events that would have changed something, and of which nothing is in the log. */
  readonly lost: readonly Reaction[];
}

/**
 * Computes what sagas do because of each event, and waits for it to show in the log. A saga works event by event in the order
 * of the log, so that the outcome of one reaction proves that those before it are through.
 */
export class SagaReactions {
  private readonly byType = new Map<string, readonly Saga[]>();
  private readonly byCommand = new Map<string, Reaction>();
  /** In the order in which the saga gives them. */
  private readonly waiting = new Map<string, Reaction[]>();
  private readonly unsettled = new Map<string, Set<Reaction>>();

  constructor(private readonly sagas: readonly Saga[] = SAGAS) {}

  /** A saga that cannot take the event is told of, and the others go on. */
  computedFor(
    event: RecordedEvent,
    policy: Policy,
    onFault: (saga: string, message: string) => void = () => undefined,
  ): readonly Reaction[] {
    return this.listeningTo(event.type).flatMap((saga) => {
      try {
        const commands = commandsOf(saga, event, policy);
        return commands.map((command) => ({ saga: saga.name, command, because: event, settled: false }));
      } catch (error) {
        onFault(saga.name, (error as Error).message);
        return [];
      }
    });
  }

  expect(reaction: Reaction): void {
    const { saga, command } = reaction;
    this.byCommand.set(command.context.commandId, reaction);
    const line = this.waiting.get(saga) ?? [];
    line.push(reaction);
    this.waiting.set(saga, line);
    if (reaction.settled) return;
    const others = this.unsettled.get(command.stream) ?? new Set();
    this.unsettled.set(command.stream, others.add(reaction));
  }

  /** Those that would still change something in this stream. */
  unsettledIn(stream: string): readonly Reaction[] {
    return [...(this.unsettled.get(stream) ?? [])];
  }

  settle(reaction: Reaction): void {
    reaction.settled = true;
    const others = this.unsettled.get(reaction.command.stream);
    others?.delete(reaction);
    if (others?.size === 0) this.unsettled.delete(reaction.command.stream);
  }

  followed(commandId: string): Followed {
    const reaction = this.byCommand.get(commandId) ?? null;
    if (!reaction) return { reaction, lost: [] };
    const line = this.waiting.get(reaction.saga) ?? [];
    const passed = line.splice(0, line.indexOf(reaction) + 1);
    for (const one of passed) this.byCommand.delete(one.command.context.commandId);
    const lost = passed.filter((one) => one !== reaction && !one.settled);
    for (const one of [reaction, ...lost]) this.settle(one);
    return { reaction, lost };
  }

  /** What nothing tells of: the saga may not have come that far yet. */
  get open(): readonly Reaction[] {
    return [...this.waiting.values()].flatMap((line) => line.filter(({ settled }) => !settled));
  }

  /** Of the actor of a decision, whether it names a saga. */
  isSaga(actor: string): boolean {
    return this.sagas.some(({ name }) => actor === `policy:${name}`);
  }

  private listeningTo(type: string): readonly Saga[] {
    const known = this.byType.get(type);
    if (known) return known;
    const listening = this.sagas.filter(({ types }) => types.includes(type));
    this.byType.set(type, listening);
    return listening;
  }
}
