import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EVENT_LOG, type EventLog } from '../event-log/event-log.js';
import { SNAPSHOTS, type Snapshots } from '../event-log/snapshots.js';
import { POLICY, type Policy } from '../kernel/pipeline/policy.js';
import { Aggregates } from './aggregates.js';
import { DECIDERS } from './deciders.js';
import { handlersOf } from './handlers.js';
import { Transact } from './transact.js';

@Global()
@Module({
  imports: [CqrsModule],
  providers: [
    {
      provide: Transact,
      inject: [EVENT_LOG, SNAPSHOTS, POLICY],
      useFactory: (log: EventLog, snapshots: Snapshots, policy: Policy) =>
        new Transact(log, new Aggregates(log, snapshots), policy),
    },
    ...handlersOf(DECIDERS),
  ],
  exports: [CqrsModule],
})
export class CommandsModule {}
