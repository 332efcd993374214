import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import type { Answer } from '../kernel/answer.js';
import type { Clock } from '../kernel/clock.js';
import type { CommandContext } from '../kernel/command.js';
import type { RecordedEvent } from '../kernel/event.js';
import { deriveId } from '../kernel/ids.js';
import { isRefused } from '../kernel/refused.js';
import { toIso } from '../kernel/time.js';
import { type Outcome, OutcomeOvertaken } from './effect.js';

/** Reports of one intent: the same report always is the same command, however often and by which process it is made. */
export function outcomeOf(
  intent: RecordedEvent,
  { commands, clock }: { readonly commands: CommandBus; readonly clock: Clock },
): Outcome {
  return {
    report: async (type, stream, payload, { key, pins = [], ...given } = {}) => {
      const context: CommandContext = {
        commandId: deriveId('outcome', intent.id, type.name, key ?? ''),
        at: toIso(clock.now()),
        actor: 'system',
        correlationId: intent.metadata.$correlationId,
        causationId: intent.id,
        ...given,
      };
      const answer: Answer = await commands.execute(new type(stream, payload, context, pins));
      if (!isRefused(answer)) return;
      if (answer.code === 'moved') throw new OutcomeOvertaken(type.name, stream, answer.sentence);
      new Logger('effects').warn(`${type.name} for ${stream} was refused: ${answer.sentence}`);
    },
  };
}
