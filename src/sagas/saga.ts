import type { Command, CommandContext } from '../kernel/command.js';
import type { RecordedEvent } from '../kernel/event.js';
import { deriveId } from '../kernel/ids.js';
import type { Policy } from '../kernel/pipeline/policy.js';

/** Events to commands: pure, without state of its own. What it needs to know stands in the event or in the stream that decides. */
export interface Saga {
  /** Names the checkpoint and the actor; never changes. */
  readonly name: string;
  readonly types: readonly string[];
  react(event: RecordedEvent, policy: Policy): readonly SagaCommand[];
}

/** A command waiting for its context. */
export type SagaCommand = (context: CommandContext) => Command;

/** The same event always makes the same commands, time included, so that a repeated delivery changes nothing. */
export function commandsOf(saga: Saga, event: RecordedEvent, policy: Policy): readonly Command[] {
  return saga.react(event, policy).map((command, ordinal) =>
    command({
      commandId: deriveId('saga', saga.name, event.id, ordinal),
      at: event.recordedAt,
      actor: `policy:${saga.name}`,
      correlationId: event.metadata.$correlationId,
      causationId: event.id,
    }),
  );
}

type Payload<C extends Command> = C['payload'];

/** `send(QueueJob, 'job-7', {…})`: a command that only lacks its context. */
export function send<C extends Command>(
  type: new (stream: string, payload: Payload<C>, context: CommandContext) => C,
  stream: string,
  payload: Payload<C>,
  context: Partial<CommandContext> = {},
): SagaCommand {
  return (given) => new type(stream, payload, { ...given, ...context });
}
