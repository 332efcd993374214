import { Inject } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { CONFIG, type Config } from '../config/config.js';
import { BackgroundStats } from '../kernel/background-stats.js';
import { POLICY, type Policy } from '../kernel/pipeline/policy.js';
import type { MergeLeaseBlock } from '../projections/merge-lease/lease-block.js';
import { ReadQueue } from '../projections/queue/queue-queries.js';
import type { QueueSnapshot } from '../projections/queue/queue-snapshot.js';
import type { PostDeployBlock } from '../projections/post-deploy/post-deploy-block.js';
import { NewestWatch } from '../projections/post-deploy/watch-queries.js';
import { FindTask } from '../projections/task/task-queries.js';
import { camelCase, jobView, repoQueueView, taskView, watchView } from './views.js';

@Resolver()
export class QueueResolver {
  constructor(
    private readonly queries: QueryBus,
    private readonly stats: BackgroundStats,
    @Inject(POLICY) private readonly policy: Policy,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Query('queue')
  async queue(@Args('at') at?: string | null) {
    return queueView(await this.snapshot(at ?? null));
  }

  @Query('repos')
  async repos() {
    const queue = await this.snapshot(null);
    return Object.keys(queue.serial_gate.per_repo).map((name) => this.repoView(name, queue));
  }

  @Query('repo')
  async repo(@Args('name') name: string) {
    return this.repoView(name, await this.snapshot(null));
  }

  private snapshot(at: string | null): Promise<QueueSnapshot> {
    const settings = { policy: this.policy, pollIntervalS: this.config.queue.pollIntervalS, stats: this.stats };
    return this.queries.execute(new ReadQueue(settings, at));
  }

  private repoView(name: string, { serial_gate: gate, merge_leases: leases }: QueueSnapshot) {
    const repo = gate.per_repo[name];
    if (!repo) return null;
    const workItem = repo.active_task?.work_item_id;
    const activeTask = async () => {
      const row = workItem === undefined ? null : await this.queries.execute(new FindTask(workItem));
      return row && taskView(row);
    };
    const watch = async () => {
      const row = await this.queries.execute(new NewestWatch(name));
      return row && watchView(row);
    };
    return { ...repoQueueView(name, repo), activeTask, mergeLease: mergeLeaseView(leases[name]), watch };
  }
}

function queueView({ serial_gate: gate, recent, ...rest }: QueueSnapshot) {
  const { per_repo, ...flags } = gate;
  const perRepo = Object.entries(per_repo).map(([name, repo]) => repoQueueView(name, repo));
  return {
    ...camelCase(rest),
    resilience: camelCase(rest.resilience),
    reconcile: camelCase(rest.reconcile),
    reaper: camelCase(rest.reaper),
    postDeploy: postDeployView(rest.post_deploy),
    mergeLeases: Object.fromEntries(Object.entries(rest.merge_leases).map(([name, lease]) => [name, camelCase(lease)])),
    budget: camelCase(rest.budget),
    position: String(rest.position),
    recent: recent.map(jobView),
    serialGate: { ...camelCase(flags), perRepo },
  };
}

function mergeLeaseView(lease: MergeLeaseBlock[string] | undefined) {
  return lease ? { ...camelCase(lease), workItem: lease.work_item_id } : null;
}

function postDeployView({ enabled, active, last }: PostDeployBlock) {
  return { enabled, active: active.map(camelCase), last: last && camelCase(last) };
}
