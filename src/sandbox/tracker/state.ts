import { randomBytes, randomUUID } from 'node:crypto';

export interface Account {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly displayName: string;
  readonly apiKey: string;
  /** REST answers carry the time zone of whoever asks; readers have to compare instants. */
  readonly utcOffsetMinutes: number;
}

export interface Status {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly group: string;
  readonly color: string;
  readonly sequence: number;
  readonly isDefault: boolean;
}

export interface Item {
  readonly id: string;
  readonly project: string;
  readonly sequenceId: number;
  name: string;
  descriptionHtml: string;
  state: string;
  priority: string;
  parent: string | null;
  startDate: string | null;
  targetDate: string | null;
  assignees: string[];
  labels: string[];
  sortOrder: number;
  /** Microseconds since the epoch, as all times here. */
  readonly createdAt: number;
  updatedAt: number;
  completedAt: number | null;
  readonly createdBy: string;
  updatedBy: string | null;
  readonly externalSource: string | null;
  readonly externalId: string | null;
}

export interface Comment {
  readonly id: string;
  readonly project: string;
  readonly item: string;
  readonly html: string;
  readonly description: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly externalSource: string | null;
  readonly externalId: string | null;
}

export interface Activity {
  readonly id: string;
  readonly project: string;
  readonly item: string;
  readonly verb: string;
  readonly field: string | null;
  readonly oldValue: string | null;
  readonly newValue: string | null;
  readonly oldIdentifier: string | null;
  readonly newIdentifier: string | null;
  readonly actor: string;
  readonly at: number;
}

export interface Relation {
  readonly type: string;
  readonly item: string;
  readonly related: string;
}

/** A webhook on its way. `body` is fixed at the first attempt and is the same in every retry. */
export interface OutgoingWebhook {
  readonly id: string;
  readonly event: 'issue' | 'issue_comment';
  readonly action: 'created' | 'updated';
  readonly subject: string;
  readonly actor: string;
  readonly field: string | null;
  readonly oldValue: unknown;
  readonly newValue: unknown;
  body: string | null;
  attempts: number;
  /** Milliseconds since the epoch. */
  dueAt: number;
}

export interface TrackerProject {
  readonly id: string;
  readonly identifier: string;
  readonly name: string;
  nextSequence: number;
}

export interface TrackerState {
  readonly workspaceId: string;
  readonly workspaceSlug: string;
  readonly webhookId: string;
  readonly webhookSecret: string;
  webhookActive: boolean;
  lastStamp: number;
  readonly accounts: Account[];
  readonly projects: TrackerProject[];
  readonly statuses: Status[];
  readonly items: Item[];
  readonly comments: Comment[];
  readonly activities: Activity[];
  readonly relations: Relation[];
  outbox: OutgoingWebhook[];
}

export function newTracker(
  workspaceSlug: string,
  projects: readonly { identifier: string; name: string }[],
): TrackerState {
  const added = projects.map(({ identifier, name }) => ({ id: randomUUID(), identifier, name, nextSequence: 1 }));
  return {
    workspaceId: randomUUID(),
    workspaceSlug,
    webhookId: randomUUID(),
    webhookSecret: `plane_wh_${randomBytes(16).toString('hex')}`,
    webhookActive: true,
    lastStamp: 0,
    accounts: [account('Delivery', 'Bot', 'delivery-bot', 330), account('Alice', 'Moreau', 'alice', 0)],
    projects: added,
    statuses: added.flatMap((project) => statusesOf(project.id)),
    items: [],
    comments: [],
    activities: [],
    relations: [],
    outbox: [],
  };
}

/** Strictly increasing, so that ordering by a time is a total order. */
export function nextStamp(state: TrackerState): number {
  state.lastStamp = Math.max(Date.now() * 1000, state.lastStamp + 1);
  return state.lastStamp;
}

function account(firstName: string, lastName: string, displayName: string, utcOffsetMinutes: number): Account {
  const apiKey = `plane_api_${randomBytes(16).toString('hex')}`;
  const email = `${displayName}@example.com`;
  return { id: randomUUID(), firstName, lastName, email, displayName, apiKey, utcOffsetMinutes };
}

/** The statuses that the pipeline's gestures need, in the groups that Plane would give them. */
const STATUSES = [
  ['Backlog', 'backlog', '#60646C'],
  ['Todo', 'unstarted', '#60646C'],
  ['In Progress', 'started', '#F59E0B'],
  ['In Review', 'started', '#8B5CF6'],
  ['Approved', 'started', '#3B82F6'],
  ['Rejected', 'started', '#DC2626'],
  ['Needs Input', 'started', '#EAB308'],
  ['Blocked', 'started', '#B91C1C'],
  ['Confirm Deploy', 'started', '#0EA5E9'],
  ['Done', 'completed', '#46A758'],
  ['Cancelled', 'cancelled', '#9AA4BC'],
] as const;

function statusesOf(project: string): Status[] {
  return STATUSES.map(([name, group, color], index) => ({
    id: randomUUID(),
    project,
    name,
    group,
    color,
    sequence: 15_000 + index * 5_000,
    isDefault: index === 0,
  }));
}
