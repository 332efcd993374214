import type { Tracker, TrackerDelivery, WorkItem } from '../../../src/integrations/tracker.js';
import { toIso } from '../../../src/kernel/time.js';
import type { Reach } from './repository.js';

export const BOT = 'bot';
export const PERSON = 'ann';

const NAMES = ['Todo', 'In Progress', 'In Review', 'Approved', 'Rejected', 'Blocked', 'Confirm Deploy', 'Done'];
const STATUSES = [...NAMES, 'Cancelled'].map((name) => ({
  id: name,
  name,
  group: name === 'Cancelled' ? 'cancelled' : 'started',
}));

interface Item {
  readonly itemId: string;
  readonly sequenceId: number;
  statusId: string;
  updatedAt: string;
  readonly history: { readonly fromId: string; readonly toId: string; readonly actorId: string; readonly at: string }[];
}

/** The tracker's side of one project: items, who moved them and when, and the webhooks that tell of it. */
export class Desk {
  readonly items: Item[] = [];
  /** Sent, and not arrived yet. */
  readonly webhooks: TrackerDelivery[] = [];
  readonly arrived: TrackerDelivery[] = [];

  constructor(
    private readonly projectId: string,
    private readonly clock: { readonly now: () => number },
  ) {}

  create(): Item {
    const sequenceId = this.items.length + 1;
    const updatedAt = toIso(this.clock.now());
    const item: Item = { itemId: `item-${sequenceId}`, sequenceId, statusId: 'Todo', updatedAt, history: [] };
    this.items.push(item);
    return item;
  }

  move(item: Item, toId: string, actorId: string): void {
    const { statusId: fromId } = item;
    if (fromId === toId) return;
    const at = toIso(this.clock.now());
    item.statusId = toId;
    item.updatedAt = at;
    item.history.push({ fromId, toId, actorId, at });
    const statusChange = { fromId, toId, actorId, at };
    this.webhooks.push({ kind: 'item-changed', projectId: this.projectId, itemId: item.itemId, statusChange });
  }

  tracker(reach: Reach): Tracker {
    const tracker = {
      ownAccountId: async () => BOT,
      statuses: async () => STATUSES,
      workItem: async (_project: string, id: string) => {
        await reach('read the item');
        return this.seen(this.item(id));
      },
      changedSince: async () => {
        await reach('list the items');
        return this.items.map((item) => this.seen(item)).sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
      },
      statusHistory: async (_project: string, id: string) => {
        await reach('read the history');
        return [...this.item(id).history];
      },
      blockedBy: async () => [],
      comments: async () => [],
      comment: async () => undefined,
      setStatus: async (_project: string, id: string, statusId: string) => {
        await reach(`set the status ${statusId}`);
        this.move(this.item(id), statusId, BOT);
        return statusId;
      },
    };
    return tracker;
  }

  private seen({ itemId, sequenceId, statusId, updatedAt }: Item): WorkItem {
    const text = { title: `Change ${sequenceId}`, description: '' };
    return { itemId, projectId: this.projectId, sequenceId, statusId, updatedAt, ...text };
  }

  private item(id: string): Item {
    const found = this.items.find(({ itemId }) => itemId === id);
    if (!found) throw new Error(`There is no item ${id}`);
    return found;
  }
}
