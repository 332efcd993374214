import { Inject, type Type } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Answer } from '../kernel/answer.js';
import type { Command } from '../kernel/command.js';
import type { AnyDecider, CommandClass } from '../kernel/decider.js';
import { Transact } from './transact.js';

/** One @nestjs/cqrs handler for every command of every decider; nobody writes them by hand. */
export function handlersOf(deciders: readonly AnyDecider[]): readonly Type<ICommandHandler>[] {
  return deciders.flatMap((decider) =>
    (decider.commands as readonly CommandClass[]).map((command) => handlerOf(command, decider)),
  );
}

function handlerOf(commandClass: CommandClass, decider: AnyDecider): Type<ICommandHandler> {
  class Handler implements ICommandHandler<Command> {
    constructor(private readonly transact: Transact) {}

    execute(command: Command): Promise<Answer> {
      return this.transact.run(decider, command);
    }
  }
  Object.defineProperty(Handler, 'name', { value: `${commandClass.name}Handler` });
  Inject(Transact)(Handler, undefined, 0);
  CommandHandler(commandClass)(Handler);
  return Handler;
}
