import { Module } from '@nestjs/common';
import { CommandBus, CqrsModule } from '@nestjs/cqrs';
import { CHECKPOINTS, type Checkpoints } from '../event-log/checkpoints.js';
import { EVENT_LOG, type EventLog } from '../event-log/event-log.js';
import { POLICY, type Policy } from '../kernel/pipeline/policy.js';
import { SAGAS } from './every-saga.js';
import { SagaRunner } from './saga-runner.js';

@Module({
  imports: [CqrsModule],
  providers: [
    {
      provide: SagaRunner,
      inject: [EVENT_LOG, CHECKPOINTS, CommandBus, POLICY],
      useFactory: (log: EventLog, checkpoints: Checkpoints, commands: CommandBus, policy: Policy) =>
        new SagaRunner({ log, checkpoints, commands, policy }, SAGAS),
    },
  ],
  exports: [SagaRunner],
})
export class SagasModule {}
