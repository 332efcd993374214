import { ConflictException, Inject, Injectable, NotFoundException, ServiceUnavailableException } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { randomUUID } from 'node:crypto';
import { EnlistTask } from '../../domain/admission/commands.js';
import type { TaskInRepo } from '../../domain/admission/events.js';
import type { Accepted, Answer } from '../../kernel/answer.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import type { Command, CommandContext } from '../../kernel/command.js';
import { isTerminal } from '../../kernel/pipeline/stage.js';
import { isRefused, type Refused } from '../../kernel/refused.js';
import { toIso } from '../../kernel/time.js';
import { Projector } from '../../projections/engine/projector.js';
import { FindTask } from '../../projections/task/task-queries.js';
import type { TaskRow } from '../../projections/task/tasks.js';

const READ_MS_MAX = 10_000;

/** What is asked, by whom, and whose story it belongs to. */
export interface Wish<Payload extends object> {
  readonly type: new (stream: string, payload: Payload, context: CommandContext) => Command<Payload>;
  readonly stream: string;
  readonly payload: Payload;
  readonly actor: string;
  readonly about: string;
}

/** Carries a person's wish to the deciders, and answers when what came of it can be read. */
@Injectable()
export class Operator {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly projector: Projector,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A refusal leaves as 409. */
  async change<Payload extends object>(wish: Wish<Payload>): Promise<Accepted> {
    const answer = await this.ask(wish);
    if (isRefused(answer)) throw conflict(answer);
    return answer;
  }

  /** For the repository's order: a task that was opened a moment ago may not have taken its place in it yet. */
  async changeInOrder<Payload extends TaskInRepo>(task: TaskRow, wish: Wish<Payload>): Promise<Accepted> {
    const answer = await this.ask(wish);
    if (!isRefused(answer)) return answer;
    if (answer.code !== 'terminal' || isTerminal(task.stage)) throw conflict(answer);
    const { repo, taskId, workItem } = wish.payload;
    await this.ask({ ...wish, type: EnlistTask, payload: { repo, taskId, workItem }, actor: 'system' });
    return this.change(wish);
  }

  private async ask<Payload extends object>(wish: Wish<Payload>): Promise<Answer> {
    const { type, stream, payload, actor, about } = wish;
    const context: CommandContext = {
      commandId: randomUUID(),
      at: toIso(this.clock.now()),
      actor,
      correlationId: about,
      causationId: null,
    };
    const answer: Answer = await this.commands.execute(new type(stream, payload, context));
    if (!isRefused(answer) && answer.position !== null) await this.untilReadable(answer.position);
    return answer;
  }

  async task(workItem: string): Promise<TaskRow> {
    const row = (await this.find(workItem)) ?? (await this.findOnceUpToDate(workItem));
    if (row) return row;
    throw new NotFoundException({ code: 'unknown-task', message: `no task of ${workItem} is known` });
  }

  private find(workItem: string): Promise<TaskRow | null> {
    return this.queries.execute(new FindTask(workItem));
  }

  /** What was opened a moment ago may not stand in the tables yet. */
  private async findOnceUpToDate(workItem: string): Promise<TaskRow | null> {
    const { head } = await this.projector.lag();
    await this.projector.waitFor(head, READ_MS_MAX);
    return this.find(workItem);
  }

  private async untilReadable(position: number): Promise<void> {
    if (await this.projector.waitFor(position, READ_MS_MAX)) return;
    const message = `it is done, at position ${position}, but the tables are behind and cannot show it yet`;
    throw new ServiceUnavailableException({ code: 'behind', message, details: { position } });
  }
}

function conflict({ code, sentence, facts }: Refused): ConflictException {
  const details = Object.keys(facts).length > 0 ? { details: facts } : {};
  return new ConflictException({ code, message: sentence, ...details });
}

/** Who asks, for the audit trail; nothing that could break a log line or pass for another kind of actor. */
export function operatorOf(header: string | undefined): string {
  const name = (header ?? '').replace(/[^A-Za-z0-9._@-]+/g, '').slice(0, 64);
  return `operator:${name === '' ? 'unknown' : name}`;
}
