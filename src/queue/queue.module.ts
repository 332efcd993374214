import { Module } from '@nestjs/common';
import { CommandBus, CqrsModule } from '@nestjs/cqrs';
import { CONFIG, type Config } from '../config/config.js';
import { EVENT_LOG, type EventLog } from '../event-log/event-log.js';
import { CLOCK, type Clock } from '../kernel/clock.js';
import { POLICY, type Policy } from '../kernel/pipeline/policy.js';
import { Projector } from '../projections/engine/projector.js';
import { Work } from '../projections/work.js';
import { Hosts } from './hosts/hosts.js';
import { Worker, type WorkerWorld } from './worker.js';

@Module({
  imports: [CqrsModule],
  providers: [
    {
      provide: Worker,
      inject: [CONFIG, Hosts, POLICY, EVENT_LOG, Projector, Work, CommandBus, CLOCK],
      useFactory: (...[config, hosts, policy, log, projector, work, commands, clock]: Parts) =>
        new Worker({ log, projector, work, commands, clock } satisfies WorkerWorld, {
          pollIntervalS: config.queue.pollIntervalS,
          policy,
          hosts,
        }),
    },
  ],
  exports: [Worker],
})
export class QueueModule {}

type Parts = [Config, Hosts, Policy, EventLog, Projector, Work, CommandBus, Clock];
