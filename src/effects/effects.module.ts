import { Module } from '@nestjs/common';
import { CommandBus, CqrsModule } from '@nestjs/cqrs';
import { CONFIG, type Config } from '../config/config.js';
import { EVENT_LOG, type EventLog } from '../event-log/event-log.js';
import { AGENT_RUNNER, type AgentRunner } from '../integrations/agent-runner.js';
import { FORGE, type Forge } from '../integrations/forge.js';
import { MESSAGES, NOTIFIER, type Messages, type Notifier } from '../integrations/notifier.js';
import { TRACKER, type Tracker } from '../integrations/tracker.js';
import { WORKTREES, type Worktrees } from '../integrations/worktrees.js';
import { BackgroundStats } from '../kernel/background-stats.js';
import { CLOCK, type Clock } from '../kernel/clock.js';
import { POLICY, type Policy } from '../kernel/pipeline/policy.js';
import { Projector } from '../projections/engine/projector.js';
import { Work } from '../projections/work.js';
import { INSTANCE, type Instance } from '../queue/leadership/instance.js';
import { Hosts } from '../queue/hosts/hosts.js';
import { Presence } from '../queue/hosts/presence.js';
import { Leadership } from '../queue/leadership/leadership.js';
import { QueueModule } from '../queue/queue.module.js';
import { Supervisor } from '../queue/supervisor/supervisor.js';
import { EffectRunner } from './effect-runner.js';
import { effectsOf, hostEffectsOf, productionWatcherOf, reaperOf, reconcilerOf, type World } from './every-effect.js';
import { Reaper } from './job/reaper.js';
import { ProductionWatcher } from './post-deploy/watcher.js';
import { Reconciler } from './reconcile/reconciler.js';

const WORLD = Symbol('World');
/** The effects of runs, on the host that has them. */
export const HOST_EFFECTS = Symbol('HostEffects');

@Module({
  imports: [CqrsModule, QueueModule],
  providers: [
    {
      provide: WORLD,
      inject: [
        ...[CONFIG, POLICY, CLOCK, EVENT_LOG, CommandBus, Projector, Work, Supervisor, BackgroundStats],
        ...[TRACKER, FORGE, NOTIFIER, MESSAGES, WORKTREES, AGENT_RUNNER, Hosts, INSTANCE],
      ],
      useFactory: (...parts: WorldParts): World => worldOf(parts),
    },
    {
      provide: EffectRunner,
      inject: [WORLD, Leadership],
      useFactory: (world: World, leadership: Leadership) =>
        new EffectRunner({ ...world, assertMayAct: () => leadership.assertLeads() }, effectsOf(world)),
    },
    {
      provide: HOST_EFFECTS,
      inject: [WORLD, Presence],
      useFactory: (world: World, presence: Presence) =>
        new EffectRunner({ ...world, assertMayAct: () => presence.assertHeard() }, hostEffectsOf(world)),
    },
    { provide: Reaper, inject: [WORLD], useFactory: (world: World) => reaperOf(world) },
    { provide: ProductionWatcher, inject: [WORLD], useFactory: (world: World) => productionWatcherOf(world) },
    { provide: Reconciler, inject: [WORLD], useFactory: (world: World) => reconcilerOf(world) },
  ],
  exports: [EffectRunner, HOST_EFFECTS, ProductionWatcher, Reaper, Reconciler],
})
export class EffectsModule {}

type WorldParts = [
  ...[Config, Policy, Clock, EventLog, CommandBus, Projector, Work, Supervisor, BackgroundStats],
  ...[Tracker, Forge, Notifier, Messages, Worktrees, AgentRunner, Hosts, Instance],
];

function worldOf(parts: WorldParts): World {
  const [config, policy, clock, log, commands, projector, work, supervisor, stats, ...outside] = parts;
  const [tracker, forge, notifier, messages, worktrees, runner, hosts, instance] = outside;
  const inside = { config, policy, clock, log, commands, projector, work, supervisor, stats };
  return { ...inside, tracker, forge, notifier, messages, worktrees, runner, hosts, instance };
}
