import type { Config } from '../config/config.js';
import type { EventLog } from '../event-log/event-log.js';
import type { BackgroundStats } from '../kernel/background-stats.js';
import type { Policy } from '../kernel/pipeline/policy.js';
import type { Hosts } from '../queue/hosts/hosts.js';
import type { Instance } from '../queue/leadership/instance.js';
import { Deploys } from './deploy/deploys.js';
import type { HookHost } from './deploy/hook.js';
import { LocalHooks } from './deploy/local-hooks.js';
import { RemoteHooks } from './deploy/remote-hooks.js';
import { Clearances } from './deploy/clearance.js';
import { ProductionStarts } from './deploy/production-starts.js';
import { DeployLogs } from './deploy/deploy-logs.js';
import type { AnyEffect, Effect } from './effect.js';
import type { EffectWorld } from './effect-runner.js';
import { Deliveries } from './inbox/deliveries.js';
import { Observation } from './inbox/observation.js';
import { Relations } from './inbox/relations.js';
import { Publications, type PublicationWorld } from './job/publications.js';
import { RunStops } from './job/run-stops.js';
import { OnItsHost, type HostWorld } from './job/on-its-host.js';
import { Reaper } from './job/reaper.js';
import { Runs, type RunWorld } from './job/runs.js';
import { ArtifactMerges } from './landing/artifact-merges.js';
import { LeftOpenPullRequests } from './landing/left-open.js';
import { LeaseSweep } from './merge-lease/lease-sweep.js';
import { MergeLeases } from './merge-lease/merge-leases.js';
import { Notifications, type NotificationWorld } from './notification/notifications.js';
import { ProductionWatcher } from './post-deploy/watcher.js';
import { WatchLogs } from './post-deploy/watch-logs.js';
import { Reconciler } from './reconcile/reconciler.js';
import { StuckTasks } from './reconcile/stuck-tasks.js';
import { GateChecks } from './task/gate-checks.js';
import { GateReaders } from './task/gate-readers.js';
import { LocalTests } from './task/local-tests.js';
import { MergeGate } from './task/merge-gate.js';
import { Merges } from './task/merges.js';
import { ProjectCommands } from './task/project-commands.js';
import { WorktreeRemovals } from './task/worktree-removals.js';

/** Everything that effects work with. */
export interface World
  extends Omit<EffectWorld, 'assertMayAct'>, Omit<RunWorld, 'dataDir'>, PublicationWorld, NotificationWorld, HostWorld {
  readonly log: EventLog;
  readonly config: Config;
  readonly hosts: Hosts;
  readonly instance: Instance;
  readonly policy: Policy;
  readonly stats: BackgroundStats;
}

/** Done wherever the run is. With those of whoever leads one for every intent (kernel/pipeline/effect-intents.ts); a test compares the lists. */
export function hostEffectsOf(world: World): readonly AnyEffect[] {
  const { dataDir } = world.config;
  const ofRuns: readonly AnyEffect[] = [
    new Runs({ ...world, dataDir }),
    new RunStops('JobCancelled', { ...world, dataDir }),
    new RunStops('JobReaped', { ...world, dataDir }),
    new Publications('RunEnded', world),
    new Publications('PublicationFailed', world),
  ];
  return ofRuns.map((effect) => new OnItsHost(effect as Effect, world));
}

/** Done by whoever leads. */
export function effectsOf(world: World, { project, hooks, leases } = handsOf(world)): readonly AnyEffect[] {
  const { config, policy, work, worktrees } = world;
  const readers = readersOf(world, project, 'answer');
  const relations = new Relations(world.tracker, work, policy);
  const clearances = new Clearances(world);
  const { dataDir } = config;
  return [
    new Deliveries(new Observation(world.tracker, work, world.clock, relations), relations, work, policy),
    new GateChecks(readers, new MergeGate(worktrees, project, policy), leases),
    new Merges({ ...world, clearances }, leases),
    new LeftOpenPullRequests(world.forge),
    new ArtifactMerges(world, leases),
    new ProductionStarts(clearances, work),
    new Deploys({
      ...world,
      project,
      clearances,
      hooks,
      dataDir,
      timeoutMs: config.deploy.timeoutS * 1000,
    }),
    new DeployLogs(work, worktrees, project),
    new WatchLogs('WatchEnded', work, worktrees),
    new WatchLogs('RollbackFailed', work, worktrees),
    new WorktreeRemovals('TaskAdvanced', work, worktrees),
    new WorktreeRemovals('TaskCancelled', work, worktrees),
    new Notifications(world),
  ];
}

/** Who only looks runs no tests. */
function readersOf(world: World, project: ProjectCommands, tests: 'answer' | 'known'): GateReaders {
  const { log, worktrees, forge, policy } = world;
  const local = new LocalTests(log, project);
  const stagingRevision = (repo: string) => project.stagingRevision(repo);
  return new GateReaders(worktrees, forge, { stagingRevision, localTests: (check) => local[tests](check) }, policy);
}

/** What of effects belongs to this host and this process. */
export interface Hands {
  readonly project: ProjectCommands;
  readonly hooks: HookHost;
  readonly leases: MergeLeases;
}

function handsOf(world: World): Hands {
  const project = new ProjectCommands(world.config, world.worktrees);
  return { project, hooks: hooksOf(world), leases: new MergeLeases(world) };
}

/** `ORCH_DEPLOY_SSH`: a hook that is meant for another host is never run on this one. */
function hooksOf({ config, clock, supervisor, instance }: World): HookHost {
  const { ssh: target, pollIntervalS } = config.deploy;
  return target === null
    ? new LocalHooks({ supervisor, clock, host: instance.host })
    : new RemoteHooks({ clock, target, pollMs: pollIntervalS * 1000 });
}

export function reaperOf(world: World): Reaper {
  return new Reaper({ ...world, leases: new LeaseSweep(world), dataDir: world.config.dataDir });
}

export function productionWatcherOf(world: World): ProductionWatcher {
  return new ProductionWatcher(world);
}

export function reconcilerOf(world: World, { project }: Pick<Hands, 'project'> = handsOf(world)): Reconciler {
  const { policy, work, clock } = world;
  const readers = readersOf(world, project, 'known');
  const relations = new Relations(world.tracker, work, policy);
  const observation = new Observation(world.tracker, work, clock, relations);
  return new Reconciler({
    ...world,
    observation,
    relations,
    stuck: new StuckTasks(readers, policy, clock, world.tracker),
  });
}
