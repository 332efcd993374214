import { Module } from '@nestjs/common';
import { CommandBus, CqrsModule } from '@nestjs/cqrs';
import { CHECKPOINTS, type Checkpoints } from '../event-log/checkpoints.js';
import { EVENT_LOG, type EventLog } from '../event-log/event-log.js';
import { POLICY, type Policy } from '../kernel/pipeline/policy.js';
import { breakerSaga } from './breaker.js';
import { budgetSaga } from './budget.js';
import { intakeSaga } from './intake.js';
import { notifierSaga } from './notifier.js';
import { pipelineSaga } from './pipeline.js';
import { postDeployNewsSaga } from './post-deploy/news.js';
import { postDeploySaga } from './post-deploy/watch.js';
import { SagaRunner } from './saga-runner.js';
import type { Saga } from './saga.js';
import { serialGateSaga } from './serial-gate.js';

/** Every process that turns events into commands. */
export const SAGAS: readonly Saga[] = [
  intakeSaga,
  pipelineSaga,
  serialGateSaga,
  notifierSaga,
  budgetSaga,
  breakerSaga,
  postDeploySaga,
  postDeployNewsSaga,
];

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
