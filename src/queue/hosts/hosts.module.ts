import { Global, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { HEARTBEATS, type Heartbeats } from '../../event-log/beside/heartbeats.js';
import { BackgroundStats } from '../../kernel/background-stats.js';
import { Projector } from '../../projections/engine/projector.js';
import { Work } from '../../projections/work.js';
import { INSTANCE, type Instance } from '../leadership/instance.js';
import { Supervisor } from '../supervisor/supervisor.js';
import { Hosts } from './hosts.js';
import { Presence } from './presence.js';
import { RunLooks } from './run-looks.js';

/** Where agents run; needs `INSTANCE`. */
@Global()
@Module({
  providers: [
    Supervisor,
    {
      provide: RunLooks,
      inject: [Supervisor, CONFIG],
      useFactory: (supervisor: Supervisor, { dataDir }: Config) => new RunLooks(supervisor, dataDir),
    },
    {
      provide: Presence,
      inject: [CONFIG, INSTANCE, HEARTBEATS, Projector, Work, RunLooks],
      useFactory: (...parts: Parts) => presenceOf(parts),
    },
    {
      provide: Hosts,
      inject: [CONFIG, INSTANCE, HEARTBEATS, RunLooks, BackgroundStats],
      useFactory: (...parts: HostParts) => hostsOf(parts),
    },
  ],
  exports: [Supervisor, Presence, Hosts],
})
export class HostsModule {}

type Parts = [Config, Instance, Heartbeats, Projector, Work, RunLooks];

function presenceOf([{ queue, leadership }, instance, heartbeats, projector, work, runs]: Parts): Presence {
  const looks = async () => runs.atAll(await work.runsOn(instance.name));
  const options = { ...instance, slots: queue.maxConcurrency, leaseMs: leadership.leaseMs };
  return new Presence({ heartbeats, projector, looks }, options);
}

type HostParts = [Config, Instance, Heartbeats, RunLooks, BackgroundStats];

function hostsOf([{ queue, leadership }, { name }, heartbeats, looks, stats]: HostParts): Hosts {
  const self = { name, slots: queue.maxConcurrency };
  const hosts = new Hosts(heartbeats, looks, { self, leaseMs: leadership.leaseMs });
  stats.hosts = () => (stats.lead?.isOurs === true ? hosts.reachable : []);
  return hosts;
}
