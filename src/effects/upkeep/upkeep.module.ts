import { Module } from '@nestjs/common';
import { CommandBus, CqrsModule } from '@nestjs/cqrs';
import { CONFIG, type Config } from '../../config/config.js';
import { WORKTREES, type Worktrees } from '../../integrations/worktrees.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { METRICS, type Metrics } from '../../kernel/metrics.js';
import { Projector } from '../../projections/engine/projector.js';
import { Work } from '../../projections/work.js';
import { Leadership } from '../../queue/leadership/leadership.js';
import { QueueModule } from '../../queue/queue.module.js';
import { Supervisor } from '../../queue/supervisor/supervisor.js';
import { ClockWatch } from './clock-watch.js';
import { DiskWatch } from './disk-watch.js';
import { LeftOvers } from './left-overs.js';
import { RunRetention } from './run-retention.js';
import { Upkeep } from './upkeep.js';

@Module({
  imports: [CqrsModule, QueueModule],
  providers: [
    {
      provide: Upkeep,
      inject: [CONFIG, CLOCK, METRICS, Work, CommandBus, Supervisor, WORKTREES, Projector, Leadership],
      useFactory: (...parts: Parts) => upkeepOf(parts),
    },
  ],
  exports: [Upkeep],
})
export class UpkeepModule {}

type Parts = [Config, Clock, Metrics, Work, CommandBus, Supervisor, Worktrees, Projector, Leadership];

function upkeepOf([config, clock, metrics, work, commands, supervisor, ...parts]: Parts): Upkeep {
  const [worktrees, projector, leadership] = parts;
  const { dataDir, worktreesDir, limits } = config;
  const disk = new DiskWatch({ commands, clock, dataDir, alertPercent: limits.diskAlertPercent });
  const retention = new RunRetention({ clock, work, supervisor, dataDir, days: limits.runLogRetentionDays });
  const repos = config.projects.map(({ repo }) => repo);
  const shared = { projector, work, supervisor, worktrees, leadership };
  const leftOvers = new LeftOvers({ ...shared, dataDir, worktreesDir, repos });
  const watch = new ClockWatch(clock);
  disk.publish(metrics);
  watch.publish(metrics);
  return new Upkeep([leftOvers, retention, disk, watch]);
}
