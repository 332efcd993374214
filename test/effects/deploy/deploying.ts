import { randomUUID } from 'node:crypto';
import {
  ClaimDeploy,
  ReportDeployEnded,
  ReportDeployStarted,
  ReportDeployStartFailed,
} from '../../../src/domain/deploy/commands.js';
import type { DeployRequested } from '../../../src/domain/deploy/events.js';
import type { Clearance } from '../../../src/effects/deploy/clearance.js';
import { Deploys } from '../../../src/effects/deploy/deploys.js';
import type { HookHost } from '../../../src/effects/deploy/hook.js';
import type { Outcome } from '../../../src/effects/effect.js';
import type { ProjectCommands } from '../../../src/effects/task/project-commands.js';
import type { Worktrees } from '../../../src/integrations/worktrees.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { toIso } from '../../../src/kernel/time.js';
import { record } from '../../support/given.js';

const REQUEST: DeployRequested['data'] = {
  ...{ deployId: 185, taskId: 5, workItem: 'SBX-001', repo: 'sandbox', environment: 'production', stage: 'deploy' },
  ...{ visit: 7, round: 1, action: 'deploy', revision: { head: 'c0ffee', codeTree: '7ree' } },
  previousRevision: { head: 'be4', codeTree: '7re3' },
};

export interface Place {
  readonly dataDir: string;
  readonly checkout: string;
  readonly command: string;
  /** Of the orchestrator; absent: the only one. */
  readonly name?: string;
  readonly host?: string;
}

/** One request to deploy, and what was reported of it; a restarted orchestrator is another effect on the same request. */
export class Deploying {
  readonly started: ReportDeployStarted['payload'][] = [];
  readonly failed: string[] = [];
  readonly ended: ReportDeployEnded['payload'][] = [];
  clearance: Clearance = { kind: 'free', pins: [] };
  timeoutMs = 30_000;
  private readonly event: RecordedEvent<DeployRequested>;

  constructor(
    private readonly place: Place,
    private hooks: HookHost,
    readonly id: string = randomUUID(),
    /** What the log has of the deploy besides the request; orchestrators that share it share this. */
    readonly claims: RecordedEvent[] = [],
  ) {
    const [event] = record([{ type: 'DeployRequested', data: REQUEST }]) as RecordedEvent<DeployRequested>[];
    if (!event) throw new Error('Nothing was recorded');
    this.event = { ...event, id, stream: 'deploy-185', recordedAt: toIso(Date.now()) };
  }

  get key(): string {
    return `deploy-${this.id}`;
  }

  async act(signal = new AbortController().signal): Promise<void> {
    const { dataDir, checkout, command, name = 'here-1', host = 'here' } = this.place;
    const project = { of: () => ({ production: { command } }) } as unknown as ProjectCommands;
    const worktrees = {
      checkout: async () => checkout,
      removeCheckout: async () => undefined,
    } as unknown as Worktrees;
    const clearances = { look: async () => this.clearance };
    const clock = { now: () => Date.now() };
    const { hooks, timeoutMs } = this;
    const log = { readStream: async () => this.claims };
    const around = { log, clock, instance: { name, host }, dataDir, timeoutMs };
    const deploys = new Deploys({ project, worktrees, clearances, hooks, ...around });
    await deploys.act(this.event, this.outcome, signal);
  }

  /** Dies after it has put on record that it is about to start the hook. */
  async claimOnly(): Promise<void> {
    const { hooks } = this;
    const dying = { find: () => Promise.resolve(null), begin: () => Promise.reject(new Error('it died')) };
    this.hooks = dying as unknown as HookHost;
    await this.act().catch(() => undefined);
    this.hooks = hooks;
  }

  private readonly outcome: Outcome = {
    report: async (type, _stream, payload) => {
      const told: unknown = payload;
      if ((type as unknown) === ClaimDeploy && this.claims.length === 0) {
        const claim = { type: 'DeployClaimed', data: { deployId: 185, ...(told as ClaimDeploy['payload']) } };
        this.claims.push(...record([claim]));
      }
      if ((type as unknown) === ReportDeployStarted) this.started.push(told as ReportDeployStarted['payload']);
      if ((type as unknown) === ReportDeployEnded) this.ended.push(told as ReportDeployEnded['payload']);
      if ((type as unknown) === ReportDeployStartFailed) {
        this.failed.push((told as ReportDeployStartFailed['payload']).reason);
      }
    },
  };
}
