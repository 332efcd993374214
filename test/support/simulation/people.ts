import * as admission from '../../../src/domain/admission/commands.js';
import * as inbox from '../../../src/domain/inbox/commands.js';
import type { DeliveryReceived, TaskRequested } from '../../../src/domain/inbox/events.js';
import type { NotificationRequested } from '../../../src/domain/notification/events.js';
import type { TaskRef } from '../../../src/domain/task/events.js';
import type { Json } from '../../../src/kernel/json.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import type { ProjectPolicy } from '../../../src/kernel/pipeline/policy.js';
import type { StatusKey } from '../../../src/kernel/pipeline/stage.js';
import { toIso } from '../../../src/kernel/time.js';
import type { Simulation } from './simulation.js';
import { DESCRIPTION_SENTENCES, TITLES } from './stories.js';

/** An issue of the tracker, as it is there. */
interface Item {
  readonly itemId: string;
  readonly workItem: string;
  readonly project: ProjectPolicy;
  readonly title: string;
  readonly description: string;
  taskId: number | null;
  status: StatusKey;
  heardAtMs: number;
}

const OPEN_ITEMS = 4;
const MINUTE_S = 60;
const ROUND_S = 6 * 3_600;
const OURS = 'plane:orchestrator';
const PEOPLE = ['plane:alice', 'plane:bob', 'plane:carol'] as const;

/** Write items, approve, reject, restart, cancel, pause and freeze; everything but the operator's acts comes as a webhook. */
export class People {
  readonly #items = new Map<string, Item>();
  readonly #numbers = new Map<string, number>();
  readonly #echoes = new Map<string, StatusKey>();

  constructor(private readonly simulation: Simulation) {
    simulation.onEvent((event) => this.#hear(event));
    for (const project of simulation.policy.projects) {
      for (let count = 0; count < OPEN_ITEMS; count += 1) this.#writeItemWithin(project, 240);
    }
    simulation.after(ROUND_S, () => this.#goRound());
  }

  #hear(event: RecordedEvent): void {
    const item = this.#items.get(event.metadata.$correlationId);
    if (!item) return;
    item.heardAtMs = this.simulation.nowMs;
    switch (event.type) {
      case 'TaskRequested':
        item.taskId = event.position;
        return this.#plan(item, event as RecordedEvent<TaskRequested>);
      case 'NotificationDelivered':
        return this.#echo(item, event);
      case 'NotificationRequested':
        return this.#expectEcho(event as RecordedEvent<NotificationRequested>);
      case 'ApprovalRequested':
        return this.#move(item, this.simulation.random.chance(0.9) ? 'approved' : 'rejected', [5, 90]);
      case 'ConfirmationRequested':
        return this.#move(item, 'confirm_deploy', [5, 60]);
      case 'TaskEscalated':
      case 'WorkFailed':
        return this.#move(item, 'in_progress', [10, 120]);
      case 'WorktreeRemoved':
        this.#items.delete(item.workItem);
        return this.#writeItemWithin(item.project, 40);
    }
  }

  #writeItemWithin(project: ProjectPolicy, minutes: number): void {
    this.simulation.after(this.simulation.random.between(0, minutes * MINUTE_S), () => this.#writeItem(project));
  }

  /** Somebody looks at what has not moved for long, and tries something. */
  async #goRound(): Promise<void> {
    const { random, nowMs } = this.simulation;
    this.simulation.after(ROUND_S, () => this.#goRound());
    for (const item of [...this.#items.values()]) {
      if (nowMs - item.heardAtMs < ROUND_S * 1_000) continue;
      const to = random.pick<StatusKey>(['in_progress', 'in_progress', 'approved', 'confirm_deploy', 'cancelled']);
      if (to === item.status) await this.#enter(item, 'todo', random.pick(PEOPLE));
      await this.#enter(item, to, random.pick(PEOPLE));
    }
  }

  async #writeItem(project: ProjectPolicy): Promise<void> {
    const { random } = this.simulation;
    const number = (this.#numbers.get(project.repo) ?? 0) + 1;
    this.#numbers.set(project.repo, number);
    const workItem = `${project.prefix}-${String(number).padStart(3, '0')}`;
    const description = Array.from({ length: random.whole(2, 6) }, () => random.pick(DESCRIPTION_SENTENCES)).join(' ');
    const about = { itemId: this.simulation.id('item'), title: `${random.pick(TITLES)} (${number})`, description };
    const item: Item = { ...about, workItem, project, taskId: null, status: 'todo', heardAtMs: this.simulation.nowMs };
    this.#items.set(workItem, item);
    await this.#enter(item, 'in_progress', random.pick(PEOPLE));
  }

  /** What happens to a few of them besides the ordinary. */
  #plan(item: Item, { position: taskId }: RecordedEvent<TaskRequested>): void {
    const { random } = this.simulation;
    const task = { repo: item.project.repo, taskId, workItem: item.workItem };
    if (random.chance(0.01)) this.#move(item, 'cancelled', [10, 600]);
    if (random.chance(0.03)) this.#move(item, 'approved', [1, 5]);
    if (random.chance(0.02)) this.simulation.after(random.between(600, 9_000), () => this.#pause(task));
    if (random.chance(0.005)) this.simulation.after(random.between(0, 9_000), () => this.#freeze(task.repo));
  }

  #move(item: Item, to: StatusKey, [least, most]: readonly [number, number]): void {
    const { random } = this.simulation;
    const by = random.pick(PEOPLE);
    this.simulation.after(random.between(least, most) * MINUTE_S, () => this.#enter(item, to, by));
  }

  #expectEcho({ stream, data }: RecordedEvent<NotificationRequested>): void {
    if (data.channel === 'item-status' && data.statusKey) this.#echoes.set(stream, data.statusKey);
  }

  /** The tracker tells of our own writing, too. */
  #echo(item: Item, { stream }: RecordedEvent): void {
    const to = this.#echoes.get(stream);
    if (!to) return;
    this.#echoes.delete(stream);
    this.simulation.after(1, () => this.#enter(item, to, OURS));
  }

  /** The webhook, what is read because of it, and the end of that. */
  async #enter(item: Item, to: StatusKey, by: string): Promise<void> {
    const received = await this.#deliver(item, to, by);
    const at = toIso(this.simulation.nowMs);
    const entry = { fromId: item.status, toId: to, toKey: to, by, at, ours: by === OURS, via: 'webhook' } as const;
    item.status = to;
    const { itemId, workItem, title, description, project } = item;
    const what = { itemId, workItem, title, description, projectId: project.planeProjectId, repo: project.repo };
    const feedback = to === 'rejected' ? ['The second case of the acceptance criteria is missing.'] : [];
    const observation = { ...what, entries: [entry], feedback, blockedBy: this.#blockersOf(item, to) };
    const because = { event: received, correlationId: workItem, actor: by };
    await this.simulation.report(because, inbox.ObserveItem, `inbox-plane-item-${itemId}`, observation);
    await this.simulation.report(received, inbox.CloseDelivery, received.stream, { result: 'the item was read' });
  }

  async #deliver(item: Item, to: StatusKey, by: string): Promise<RecordedEvent<DeliveryReceived>> {
    const { random } = this.simulation;
    const digest = random.hex(64);
    const { itemId, project, title } = item;
    const change = { fromId: item.status, toId: to, actorId: by.replace('plane:', '') };
    const says: Record<string, Json> = { kind: 'item-changed', itemId, projectId: project.planeProjectId };
    const body: Json = {
      event: 'issue',
      action: 'updated',
      data: { id: itemId, name: title, state: to },
      activity: change,
    };
    const payload: DeliveryReceived['data'] = {
      source: 'plane',
      deliveryId: this.simulation.id('delivery'),
      digest,
      event: 'issue',
      says: { ...says, statusChange: change },
      body,
    };
    const stream = `inbox-plane-${digest}`;
    const answer = await this.simulation.wish(inbox.ReceiveDelivery, stream, payload, {
      actor: 'system',
      correlationId: stream,
    });
    const [received] = 'events' in answer ? answer.events : [];
    return received as RecordedEvent<DeliveryReceived>;
  }

  /** Only an older task, so that nobody waits in a circle. */
  #blockersOf(item: Item, to: StatusKey): readonly { readonly workItem: string; readonly ended: boolean }[] {
    const { random } = this.simulation;
    if (to !== 'in_progress' || item.taskId !== null || !random.chance(0.06)) return [];
    const older = [...this.#items.values()].find((one) => one.taskId !== null);
    return older ? [{ workItem: older.workItem, ended: false }] : [];
  }

  async #pause(task: TaskRef): Promise<void> {
    if (!this.#items.has(task.workItem)) return;
    const by = { actor: 'operator:dora', correlationId: task.workItem };
    const stream = `admission-${task.repo}`;
    await this.simulation.wish(admission.PauseTask, stream, task, by);
    this.simulation.after(this.simulation.random.between(900, 12_000), async () => {
      await this.simulation.wish(admission.ResumeTask, stream, task, by);
    });
  }

  async #freeze(repo: string): Promise<void> {
    const by = { actor: 'operator:dora', correlationId: `admission-${repo}` };
    const stream = `admission-${repo}`;
    const payload = { repo, reason: 'the staging machine is being moved', workItem: null };
    await this.simulation.wish(admission.FreezeRepo, stream, payload, by);
    this.simulation.after(this.simulation.random.between(1_200, 5_400), async () => {
      await this.simulation.wish(admission.UnfreezeRepo, stream, { repo }, by);
    });
  }
}
