import * as deploy from '../../../src/domain/deploy/commands.js';
import type { DeployFinished, DeployRequested } from '../../../src/domain/deploy/events.js';
import * as notification from '../../../src/domain/notification/commands.js';
import type { NotificationRequested } from '../../../src/domain/notification/events.js';
import * as task from '../../../src/domain/task/commands.js';
import type { GateCheckRequested, MergeRequested, TaskAdvanced } from '../../../src/domain/task/events.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { toIso } from '../../../src/kernel/time.js';
import type { Simulation } from './simulation.js';

type Reading = keyof typeof REASONS;

const BOOT = 'b0075eed-0000-4000-8000-000000000001';

/** Gates, merges, hooks and messages: what deterministic code answers. */
export class Machinery {
  constructor(private readonly simulation: Simulation) {
    simulation.onEvent((event) => this.#answer(event));
  }

  #answer(event: RecordedEvent): void {
    switch (event.type) {
      case 'GateCheckRequested':
        return this.#later([1, 12], () => this.#readGates(event as RecordedEvent<GateCheckRequested>));
      case 'MergeRequested':
        return this.#later([2, 25], () => this.#merge(event as RecordedEvent<MergeRequested>));
      case 'DeployRequested':
        return this.#later([0.2, 2], () => this.#deploy(event as RecordedEvent<DeployRequested>));
      case 'DeployFinished':
        return this.#later([1, 4], () => this.#publishLog(event as RecordedEvent<DeployFinished>));
      case 'NotificationRequested':
        return this.#later([0.1, 2], () => this.#tell(event as RecordedEvent<NotificationRequested>));
      case 'TaskCancelled':
        return this.#later([1, 5], () => this.#removeWorktree(event));
      case 'TaskAdvanced':
        if ((event.data as TaskAdvanced['data']).to === 'done') this.#later([1, 5], () => this.#removeWorktree(event));
    }
  }

  #later([least, most]: readonly [number, number], act: () => Promise<void>): void {
    this.simulation.after(this.simulation.random.between(least, most), act);
  }

  async #readGates(event: RecordedEvent<GateCheckRequested>): Promise<void> {
    const { simulation } = this;
    const { random } = simulation;
    const { gates, visit, round, commit } = event.data;
    const answer: Reading = random.chance(0.88)
      ? 'passed'
      : random.pick<Reading>(['failed', 'absent', 'absent', 'outdated']);
    const bad = random.whole(0, gates.length - 1);
    const readings = gates.slice(0, answer === 'passed' ? gates.length : bad + 1).map((gate, index) => {
      const own: Reading = index === bad ? answer : 'passed';
      return { gate, answer: own, reason: REASONS[own], evidence: { commit: commit.head } };
    });
    const payload = { visit, round, head: commit.head, readings };
    await simulation.report(event, task.AnswerGateCheck, event.stream, payload);
    if (answer !== 'passed') this.#later([120, 600], () => this.#lookAgain(event));
  }

  /** The reconciler's look at a task that stands still; nothing to judge means nothing happens. */
  async #lookAgain({ stream, metadata }: RecordedEvent): Promise<void> {
    const by = { actor: 'policy:reconciler', correlationId: metadata.$correlationId };
    await this.simulation.wish(task.RequestGateCheck, stream, { trigger: 'reconciler', head: null }, by);
  }

  async #merge(event: RecordedEvent<MergeRequested>): Promise<void> {
    const { simulation } = this;
    const { random } = simulation;
    const { visit, pullRequest, commit } = event.data;
    if (random.chance(0.95)) {
      const merged = { head: random.hex(40), codeTree: commit.codeTree };
      await simulation.report(event, task.ReportMerged, event.stream, { visit, pullRequest, commit: merged });
      return;
    }
    const mainMoved = random.chance(0.6);
    const reason = mainMoved ? 'the default branch has moved on' : 'conflict in src/cart.ts';
    await simulation.report(event, task.ReportMergeRefused, event.stream, { visit, pullRequest, reason, mainMoved });
  }

  async #deploy(event: RecordedEvent<DeployRequested>): Promise<void> {
    const { simulation } = this;
    const { random } = simulation;
    if (random.chance(0.01)) {
      const reason = 'deploy.sh: permission denied';
      await simulation.report(event, deploy.ReportDeployStartFailed, event.stream, { reason });
      return;
    }
    const process = { pid: random.whole(1_000, 60_000), startTicks: random.whole(1e6, 1e9), bootId: BOOT };
    const where = { runDirectory: `runs/${event.stream}`, startedAt: toIso(simulation.nowMs) };
    await simulation.report(event, deploy.ReportDeployStarted, event.stream, { ...process, ...where });
    this.#later([20, 240], () => this.#endDeploy(event));
  }

  async #endDeploy(event: RecordedEvent<DeployRequested>): Promise<void> {
    const { random, nowMs } = this.simulation;
    const exitCode = random.chance(0.94) ? 0 : 1;
    const end = { exitCode, checks: [], stoppedBecause: null, endedAt: toIso(nowMs) };
    await this.simulation.report(event, deploy.ReportDeployEnded, event.stream, end);
  }

  async #publishLog(event: RecordedEvent<DeployFinished>): Promise<void> {
    const { random } = this.simulation;
    const path = `docs/work-items/${event.metadata.$correlationId}/15-staging-log.md`;
    const commit = { head: random.hex(40), codeTree: random.hex(40) };
    const payload = { commit, artifacts: [{ path, digest: random.hex(64) }] };
    await this.simulation.report(event, deploy.ReportDeployLogPublished, event.stream, payload);
  }

  async #tell(event: RecordedEvent<NotificationRequested>): Promise<void> {
    const { channel, message, workItem, asks } = event.data;
    if (this.simulation.random.chance(0.005)) {
      const payload = { channel, reason: 'the chat was deleted' };
      await this.simulation.report(event, notification.ReportNotificationDropped, event.stream, payload);
      return;
    }
    const payload = { channel, how: 'sent', text: `${workItem}: ${message}`, ...(asks ? { asks } : {}) } as const;
    await this.simulation.report(event, notification.ReportNotificationDelivered, event.stream, payload);
  }

  async #removeWorktree(event: RecordedEvent): Promise<void> {
    await this.simulation.report(event, task.ReportWorktreeRemoved, event.stream, {});
  }
}

const REASONS = {
  passed: 'as it should be',
  failed: 'two tests fail: cart totals, rounding of discounts',
  absent: 'no answer yet',
  outdated: 'another revision is there by now',
} as const;
