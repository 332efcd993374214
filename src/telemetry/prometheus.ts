import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { GatePartFailed } from '../domain/admission/events.js';
import type { PostDeployEvent } from '../domain/post-deploy/events.js';
import type { ChangeNoticed } from '../domain/source/events.js';
import type { Recorded, RecordedEvent } from '../kernel/event.js';
import type { Measure, Metrics, WebhookCounters, WebhookResult } from '../kernel/metrics.js';

const DELAYS_S = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

/** Counted since the start of this process, from the events that it sees live. */
export class Prometheus implements Metrics, WebhookCounters {
  private readonly registry = new Registry();
  private readonly events = this.counter('orchestrator_events_total', 'Events appended, by type.', ['type']);
  private readonly moves = this.counter('orchestrator_stage_moves_total', 'Stage moves of tasks.', ['from', 'to']);
  private readonly jobs = this.counter('orchestrator_jobs_total', 'Ends of job attempts, by outcome.', ['outcome']);
  private readonly reaps = this.counter('orchestrator_reaps_total', 'Attempts that were reaped, by why.', ['tier']);
  private readonly cost = this.counter('orchestrator_run_cost_usd_total', 'What ended runs cost, as far as known.', []);
  private readonly probes = this.counter(
    'orchestrator_post_deploy_checks_total',
    'Checks of production after a deploy, by answer.',
    ['answer'],
  );
  private readonly verdicts = this.counter(
    'orchestrator_post_deploy_verdicts_total',
    'Ended watches over production after a deploy.',
    ['status', 'action'],
  );
  private readonly gateFaults = this.counter(
    'orchestrator_gate_part_failures_total',
    'Parts of the serial gate that could not answer, by the way that the gate goes meanwhile.',
    ['part', 'direction'],
  );
  private readonly webhooks = this.counter(
    'orchestrator_webhooks_total',
    'Deliveries of webhooks, by what came of them.',
    ['source', 'result'],
  );

  private readonly changes = this.counter(
    'orchestrator_changes_noticed_total',
    'Changes in tracker and forge that mattered, by how they were noticed; what a poll found, a webhook did not tell in time.',
    ['source', 'via'],
  );
  private readonly delays = new Histogram({
    name: 'orchestrator_change_delay_seconds',
    help: 'From a change in tracker or forge to its record.',
    labelNames: ['source', 'via'],
    buckets: DELAYS_S,
    registers: [this.registry],
  });

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  count(source: 'plane' | 'gitea', result: WebhookResult): void {
    this.webhooks.inc({ source, result });
  }

  /** A figure that cannot be read is left out. */
  watch({ name, help, read }: Measure): void {
    const gauge: Gauge = new Gauge({
      ...{ name, help, registers: [this.registry] },
      collect: async () => {
        try {
          gauge.set(await read());
        } catch {
          gauge.reset();
        }
      },
    });
  }

  observe(event: RecordedEvent): void {
    const { type, data } = event;
    this.events.inc({ type });
    const outcome = OUTCOMES[type];
    if (outcome !== undefined) this.jobs.inc({ outcome });
    if ('from' in data && 'to' in data) this.moves.inc({ from: String(data.from), to: String(data.to) });
    if (type === 'GatePartFailed') this.gateFailed(data as GatePartFailed['data']);
    if (type === 'ChangeNoticed') this.noticed(data as ChangeNoticed['data']);
    this.observeRun(type, data);
    this.observeProduction(event as Recorded<PostDeployEvent>);
  }

  private observeRun(type: string, data: object): void {
    if (type === 'JobReaped' && 'tier' in data) this.reaps.inc({ tier: String(data.tier) });
    if (COSTING.includes(type) && 'costUsd' in data) this.cost.inc(Number(data.costUsd ?? 0));
  }

  private observeProduction({ type, data }: Recorded<PostDeployEvent>): void {
    if (type === 'ProductionProbed') this.probes.inc({ answer: data.answer });
    if (type === 'WatchEnded') this.verdicts.inc({ status: data.status, action: data.action });
  }

  private gateFailed({ part, direction }: GatePartFailed['data']): void {
    this.gateFaults.inc({ part, direction });
  }

  private noticed({ source, via, delayMs }: ChangeNoticed['data']): void {
    this.changes.inc({ source, via });
    if (delayMs !== null) this.delays.observe({ source, via }, delayMs / 1000);
  }

  private counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }
}

/** A purse books the same cost again. */
const COSTING = ['RunEnded', 'RunStopped'];

const OUTCOMES: Readonly<Record<string, string>> = {
  JobSucceeded: 'succeeded',
  JobRequeued: 'requeued',
  JobFailed: 'failed',
  JobCancelled: 'cancelled',
  StaleOutcomeRefused: 'stale',
};
