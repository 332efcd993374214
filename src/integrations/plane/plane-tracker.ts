import { fromIso, toIso } from '../../kernel/time.js';
import { TrackerRefused, TrackerUnavailable } from '../tracker.js';
import type {
  ItemRef,
  NewComment,
  StatusChange,
  Tracker,
  TrackerComment,
  TrackerStatus,
  WorkItem,
} from '../tracker.js';
import { numberIn, textIn, valueIn } from '../wire/untrusted.js';
import { PlaneApi } from './plane-api.js';
import type { PlaneConnection } from './plane-api.js';
import { htmlOf, plainTextOf } from './rich-text.js';
import { StatusMaps } from './status-maps.js';
import type { PlaneNewComment, PlaneStatePatch } from './wire.js';

const FIELDS_OF_A_LIST = 'id,name,description_html,sequence_id,state,updated_at,project';
const EXTERNAL_SOURCE = 'orchestrator';

/** Plane's community edition, REST v1, as its source behaves rather than as its documentation says. */
export class PlaneTracker implements Tracker {
  private readonly api: PlaneApi;
  private readonly statusMaps: StatusMaps;
  private ownAccount: string | null = null;

  constructor(connection: PlaneConnection) {
    this.api = new PlaneApi(connection);
    const clock = connection.clock ?? { now: () => performance.now() };
    this.statusMaps = new StatusMaps(
      (projectId) => this.readStatuses(projectId),
      () => clock.now(),
    );
  }

  async ownAccountId(): Promise<string> {
    this.ownAccount ??= needed(textIn(await this.api.get('/api/v1/users/me/', 'acting'), 'id'), 'the own account');
    return this.ownAccount;
  }

  statuses(projectId: string): Promise<readonly TrackerStatus[]> {
    return this.statusMaps.of(projectId);
  }

  /** After this the statuses of the project, or of all projects, are read anew. */
  forgetStatuses(projectId?: string): void {
    this.statusMaps.forget(projectId);
  }

  async workItem(projectId: string, itemId: string): Promise<WorkItem | null> {
    const body = await this.api.get(this.itemPath(projectId, itemId), 'acting').catch(nullWhenGone);
    return body === null ? null : needed(workItemIn(body), `work item ${itemId}`);
  }

  async changedSince(projectId: string, since: string | null): Promise<readonly WorkItem[]> {
    const sinceMs = since === null ? -Infinity : fromIso(since);
    const found = new Map<string, WorkItem>();
    const query = { order_by: '-updated_at', fields: FIELDS_OF_A_LIST };
    for await (const page of this.api.pages(`${this.projectPath(projectId)}/work-items/`, query)) {
      // One item that cannot be read must not hide the others.
      const items = page.map(workItemIn).filter((item) => item !== null);
      const changed = items.filter((item) => fromIso(item.updatedAt) >= sinceMs);
      changed.filter(({ itemId }) => !found.has(itemId)).forEach((item) => found.set(item.itemId, item));
      if (changed.length < items.length) break;
    }
    return [...found.values()];
  }

  /** Oldest first. */
  async statusHistory(projectId: string, itemId: string): Promise<readonly StatusChange[]> {
    const changes: StatusChange[] = [];
    for await (const page of this.api.pages(`${this.itemPath(projectId, itemId)}activities/`)) {
      changes.push(...page.map(statusChangeIn).filter((change) => change !== null));
    }
    return changes.sort((a, b) => fromIso(a.at) - fromIso(b.at));
  }

  async comments(projectId: string, itemId: string): Promise<readonly TrackerComment[]> {
    const comments: TrackerComment[] = [];
    for await (const page of this.api.pages(`${this.itemPath(projectId, itemId)}comments/`)) {
      comments.push(...page.map(commentIn).filter((comment) => comment !== null));
    }
    return comments.sort((a, b) => fromIso(a.at) - fromIso(b.at));
  }

  /** Community servers before 1.3 know no relations and answer 404, which then means none. */
  async blockedBy(projectId: string, itemId: string): Promise<readonly ItemRef[]> {
    const body = await this.api.get(`${this.itemPath(projectId, itemId)}relations/`, 'looking').catch(nullWhenGone);
    const blockers = valueIn(body, 'blocked_by');
    if (!Array.isArray(blockers)) return [];
    return blockers.map((blocker) => itemRefIn(blocker, projectId)).filter((ref) => ref !== null);
  }

  /** The key is `state`: `state_id` would be ignored and answered with 200, so the state in the answer is what counts. */
  async setStatus(projectId: string, itemId: string, statusId: string): Promise<string> {
    const patch: PlaneStatePatch = { state: statusId };
    const body = await this.api.send('PATCH', this.itemPath(projectId, itemId), patch).catch((error: unknown) => {
      // A status that is refused may have been deleted: then the map that named it is out of date.
      if (error instanceof TrackerRefused && error.status === 400) this.forgetStatuses(projectId);
      throw error;
    });
    const reported = needed(textIn(body, 'state'), `the status of work item ${itemId}`);
    if (reported === statusId) return reported;
    throw new TrackerRefused(`work item ${itemId} stayed in status ${reported} when ${statusId} was asked for`, 200);
  }

  async comment(projectId: string, itemId: string, { key, text, isReport = false }: NewComment): Promise<void> {
    const comment: PlaneNewComment = {
      comment_html: htmlOf(text),
      external_source: EXTERNAL_SOURCE,
      external_id: key,
    };
    try {
      const urgency = isReport ? 'reporting' : 'telling';
      await this.api.send('POST', `${this.itemPath(projectId, itemId)}comments/`, comment, urgency);
    } catch (error) {
      // 409 means that a comment with this key is there, from a call whose answer was lost.
      if (!(error instanceof TrackerRefused && error.status === 409)) throw error;
    }
  }

  private async readStatuses(projectId: string): Promise<readonly TrackerStatus[]> {
    const statuses: TrackerStatus[] = [];
    for await (const page of this.api.pages(`${this.projectPath(projectId)}/states/`)) {
      statuses.push(...page.map(statusIn).filter((status) => status !== null));
    }
    return statuses;
  }

  private projectPath(projectId: string): string {
    return `${this.api.workspacePath}/projects/${encodeURIComponent(projectId)}`;
  }

  private itemPath(projectId: string, itemId: string): string {
    return `${this.projectPath(projectId)}/work-items/${encodeURIComponent(itemId)}/`;
  }
}

function nullWhenGone(error: unknown): null {
  if (error instanceof TrackerRefused && error.status === 404) return null;
  throw error;
}

function needed<T>(value: T | null, what: string): T {
  if (value !== null) return value;
  throw new TrackerUnavailable(`${what} came in a form that cannot be read`);
}

function workItemIn(body: unknown): WorkItem | null {
  const [itemId, projectId, title] = [textIn(body, 'id'), textIn(body, 'project'), textIn(body, 'name')];
  const [statusId, updatedAt] = [textIn(body, 'state'), textIn(body, 'updated_at')];
  const sequenceId = numberIn(body, 'sequence_id');
  if (itemId === null || projectId === null || sequenceId === null || statusId === null || updatedAt === null) {
    return null;
  }
  return { itemId, projectId, sequenceId, title: title ?? '', description: descriptionIn(body), statusId, updatedAt };
}

/** The text comes as markup only. */
function commentIn(body: unknown): TrackerComment | null {
  const [authorId, at] = [textIn(body, 'actor') ?? textIn(body, 'created_by'), textIn(body, 'created_at')];
  if (authorId === null || at === null) return null;
  return { authorId, at: toIso(fromIso(at)), text: plainTextOf(textIn(body, 'comment_html') ?? '') };
}

/** Servers say `{project_id, issue_id}`, the documentation shows bare ids; such a one is taken to be of the same project. */
function itemRefIn(blocker: unknown, sameProject: string): ItemRef | null {
  if (typeof blocker === 'string') return { projectId: sameProject, itemId: blocker };
  const [projectId, itemId] = [textIn(blocker, 'project_id'), textIn(blocker, 'issue_id')];
  return itemId === null ? null : { projectId: projectId ?? sameProject, itemId };
}

function descriptionIn(body: unknown): string {
  return textIn(body, 'description_stripped') ?? plainTextOf(textIn(body, 'description_html') ?? '');
}

function statusIn(body: unknown): TrackerStatus | null {
  const [id, name, group] = [textIn(body, 'id'), textIn(body, 'name'), textIn(body, 'group')];
  return id === null || name === null ? null : { id, name, group: group ?? '' };
}

/** Other changes of the item are of no interest here. A creation names no status and is none. */
function statusChangeIn(body: unknown): StatusChange | null {
  const [actorId, at] = [textIn(body, 'actor'), textIn(body, 'created_at')];
  if (textIn(body, 'field') !== 'state' || actorId === null || at === null) return null;
  const [fromId, toId] = [textIn(body, 'old_identifier'), textIn(body, 'new_identifier')];
  return { fromId, toId, actorId, at: toIso(fromIso(at)) };
}
