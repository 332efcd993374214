import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import type { Checkpoints } from '../event-log/checkpoints.js';
import type { EventLog } from '../event-log/event-log.js';
import { eachEvent, Follower } from '../event-log/follower.js';
import type { Answer } from '../kernel/answer.js';
import type { Command } from '../kernel/command.js';
import type { Position, RecordedEvent } from '../kernel/event.js';
import type { Policy } from '../kernel/pipeline/policy.js';
import { isRefused } from '../kernel/refused.js';
import { commandsOf, type Saga } from './saga.js';

export interface SagaWorld {
  readonly log: EventLog;
  readonly checkpoints: Checkpoints;
  readonly commands: CommandBus;
  readonly policy: Policy;
}

/** Feeds each saga from the log, in order, from its own checkpoint; a failing command is tried again, never passed over. */
export class SagaRunner {
  private readonly logger = new Logger('sagas');
  private readonly followers: readonly Follower[];

  constructor(
    private readonly world: SagaWorld,
    sagas: readonly Saga[],
  ) {
    this.followers = sagas.map((saga) => this.followerOf(saga));
  }

  /** Everything up to here is handled by every saga. */
  get handled(): Position {
    return Math.min(...this.followers.map(({ position }) => position));
  }

  /** What another orchestrator has handled before this one took over is not handled again. */
  async skipTo(handled: Position): Promise<void> {
    const { checkpoints, log } = this.world;
    for (const { name } of this.followers)
      if ((await checkpoints.load(name, log.logId)) < handled) await checkpoints.save(name, log.logId, handled);
  }

  start(): void {
    for (const follower of this.followers) follower.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.followers.map((follower) => follower.stop()));
  }

  private followerOf(saga: Saga): Follower {
    const { log, checkpoints } = this.world;
    return new Follower({
      name: `saga:${saga.name}`,
      log,
      checkpoints,
      filter: { types: saga.types },
      handle: eachEvent((event) => this.handle(saga, event)),
      onFailure: ({ follower, error, retryInMs }) =>
        this.logger.warn(`${follower}: ${error.message}; tried again in ${retryInMs} ms`),
    });
  }

  private async handle(saga: Saga, event: RecordedEvent): Promise<void> {
    for (const command of commandsOf(saga, event, this.world.policy)) await this.execute(saga, command);
  }

  private async execute(saga: Saga, command: Command): Promise<void> {
    const answer: Answer = await this.world.commands.execute(command);
    if (isRefused(answer))
      this.logger.warn(`${saga.name}: ${command.type} for ${command.stream} was refused: ${answer.sentence}`);
  }
}
