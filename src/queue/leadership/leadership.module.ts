import { Global, Module } from '@nestjs/common';
import { CommandBus, CqrsModule } from '@nestjs/cqrs';
import { CONFIG, type Config } from '../../config/config.js';
import { Term } from '../../event-log/beside/fenced-log.js';
import { HEARTBEATS, type Heartbeats } from '../../event-log/beside/heartbeats.js';
import { EVENT_LOG, type EventLog } from '../../event-log/event-log.js';
import { BackgroundStats } from '../../kernel/background-stats.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { INSTANCE, instanceOf, type Instance } from './instance.js';
import { Leadership } from './leadership.js';

@Global()
@Module({
  imports: [CqrsModule],
  providers: [
    { provide: INSTANCE, inject: [CONFIG], useFactory: ({ dataDir }: Config) => instanceOf(dataDir) },
    {
      provide: Leadership,
      inject: [CONFIG, INSTANCE, EVENT_LOG, HEARTBEATS, Term, CommandBus, CLOCK, BackgroundStats],
      useFactory: (config: Config, { name: holder, host }: Instance, ...parts: Parts) =>
        new Leadership(worldOf(parts), { holder, host, leaseMs: config.leadership.leaseMs }),
    },
  ],
  exports: [INSTANCE, Leadership],
})
export class LeadershipModule {}

type Parts = [EventLog, Heartbeats, Term, CommandBus, Clock, BackgroundStats];

function worldOf([log, heartbeats, term, commands, clock, stats]: Parts) {
  return { log, heartbeats, term, commands, clock, stats };
}
