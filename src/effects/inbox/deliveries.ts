import { Logger } from '@nestjs/common';
import { CloseDelivery } from '../../domain/inbox/commands.js';
import type { DeliveryReceived } from '../../domain/inbox/events.js';
import { RequestGateCheck } from '../../domain/task/commands.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import type { ForgeDelivery } from '../../integrations/forge.js';
import type { TrackerDelivery } from '../../integrations/tracker.js';
import type { TaskRow } from '../../projections/task/tasks.js';
import type { Work } from '../../projections/work.js';
import type { Effect, Outcome } from '../effect.js';
import type { Observation } from './observation.js';
import type { Relations } from './relations.js';

/** A webhook means "look at this now": what it is about is read from the source of truth and reported as facts. */
export class Deliveries implements Effect<DeliveryReceived> {
  readonly intent = 'DeliveryReceived';
  readonly effectClass = 'probeable';
  private readonly logger = new Logger('deliveries');

  constructor(
    private readonly observation: Observation,
    private readonly relations: Relations,
    private readonly work: Work,
    private readonly policy: Policy,
  ) {}

  /** Deliveries about one item or repository are handled in the order they came. */
  lane({ data }: RecordedEvent<DeliveryReceived>): string {
    const says = data.says as { readonly itemId?: string; readonly repo?: string };
    return `delivery ${data.source} ${says.itemId ?? says.repo ?? ''}`;
  }

  async act(event: RecordedEvent<DeliveryReceived>, outcome: Outcome): Promise<void> {
    const { source, says } = event.data;
    const result =
      source === 'plane'
        ? await this.tracker(says as unknown as TrackerDelivery, outcome)
        : await this.forge(says as unknown as ForgeDelivery, outcome);
    await outcome.report(CloseDelivery, event.stream, { result });
  }

  private async tracker(says: TrackerDelivery, outcome: Outcome): Promise<string> {
    if (says.kind === 'ignored') return says.reason;
    const known = await this.work.item(says.itemId);
    const projectId = says.projectId ?? known?.project_id;
    const project = this.policy.projects.find((candidate) => candidate.planeProjectId === projectId);
    if (!project) return 'the project is not configured';
    await this.observation.observe(
      project,
      says.itemId,
      says.kind === 'item-changed' ? says.statusChange : null,
      outcome,
    );
    const task = known && (await this.work.taskOf(known.work_item_id));
    if (task) await this.relations.sync(task, outcome);
    return 'the item was read';
  }

  private async forge(says: ForgeDelivery, outcome: Outcome): Promise<string> {
    if (says.kind === 'ignored') return says.reason;
    const tasks = await this.tasksOf(says);
    for (const task of tasks) {
      const request = { trigger: `gitea: ${says.kind}`, head: null };
      await outcome.report(RequestGateCheck, `task-${task.id}`, request, {
        correlationId: task.work_item_id,
        key: task.work_item_id,
      });
    }
    if (tasks.length > 0) return `looked at ${tasks.map((task) => task.work_item_id).join(', ')}`;
    // One of the causes of tasks that silently stand still (WHG-05, WHG-06).
    if (says.kind === 'checks-changed') this.logger.log(`${says.repo}: no task is known for the commit ${says.sha}`);
    return 'no task is concerned';
  }

  /** A status names a commit and nothing else; when no head matches, the only task in development is meant (WHG-03, WHG-04). */
  private async tasksOf(says: Exclude<ForgeDelivery, { kind: 'ignored' }>): Promise<readonly TaskRow[]> {
    if (says.kind !== 'checks-changed') return this.work.unfinishedTasksOfBranch(says.repo, says.branch);
    const byHead = await this.work.unfinishedTasksOfHead(says.repo, says.sha);
    if (byHead.length > 0) return byHead;
    const developing = await this.work.unfinishedTasksInDevelopment(says.repo);
    return developing.length === 1 ? developing : [];
  }
}
