import { randomUUID } from 'node:crypto';
import {
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

/** One request to deploy, and what was reported of it; a restarted orchestrator is another effect on the same request. */
export class Deploying {
  readonly started: ReportDeployStarted['payload'][] = [];
  readonly failed: string[] = [];
  readonly ended: ReportDeployEnded['payload'][] = [];
  clearance: Clearance = { kind: 'free', pins: [] };
  timeoutMs = 30_000;
  private readonly event: RecordedEvent<DeployRequested>;

  constructor(
    private readonly place: { readonly dataDir: string; readonly checkout: string; readonly command: string },
    private readonly hooks: HookHost,
    id: string = randomUUID(),
  ) {
    const [event] = record([{ type: 'DeployRequested', data: REQUEST }]) as RecordedEvent<DeployRequested>[];
    if (!event) throw new Error('Nothing was recorded');
    this.event = { ...event, id, stream: 'deploy-185', recordedAt: toIso(Date.now()) };
  }

  async act(signal = new AbortController().signal): Promise<void> {
    const { dataDir, checkout, command } = this.place;
    const project = { of: () => ({ production: { command } }) } as unknown as ProjectCommands;
    const worktrees = {
      checkout: async () => checkout,
      removeCheckout: async () => undefined,
    } as unknown as Worktrees;
    const clearances = { look: async () => this.clearance };
    const clock = { now: () => Date.now() };
    const { hooks, timeoutMs } = this;
    const deploys = new Deploys({ project, worktrees, clearances, hooks, clock, dataDir, timeoutMs });
    await deploys.act(this.event, this.outcome, signal);
  }

  private readonly outcome: Outcome = {
    report: async (type, _stream, payload) => {
      const told: unknown = payload;
      if ((type as unknown) === ReportDeployStarted) this.started.push(told as ReportDeployStarted['payload']);
      if ((type as unknown) === ReportDeployEnded) this.ended.push(told as ReportDeployEnded['payload']);
      if ((type as unknown) === ReportDeployStartFailed) {
        this.failed.push((told as ReportDeployStartFailed['payload']).reason);
      }
    },
  };
}
