import { ObserveItem, ReportItemVanished, type ObservedEntry } from '../../domain/inbox/commands.js';
import type { Clock } from '../../kernel/clock.js';
import { fromIso } from '../../kernel/time.js';
import type { Blocker } from '../../domain/inbox/events.js';
import type { ProjectPolicy } from '../../kernel/pipeline/policy.js';
import type { StatusKey } from '../../kernel/pipeline/stage.js';
import type {
  StatusChange,
  Tracker,
  TrackerStatusChange as ProvenChange,
  WorkItem,
} from '../../integrations/tracker.js';
import type { ItemRow } from '../../projections/inbox/items.js';
import type { Work } from '../../projections/work.js';
import type { Outcome } from '../effect.js';
import type { Relations } from './relations.js';
import { statusKeyOf } from './statuses.js';
import { workItemId } from './work-item-id.js';

/** The tracker writes it in the background. */
export const HISTORY_LAG_MS = 60_000;
const FEEDBACK_MAX = 5;
const FEEDBACK_LENGTH_MAX = 4_000;
const GESTURES: ReadonlySet<StatusKey> = new Set([
  'in_progress',
  'approved',
  'rejected',
  'confirm_deploy',
  'cancelled',
]);

type Move = StatusChange & { readonly toId: string };

/** Gestures that answer a question; the item is moved on as soon as they are heard. */
const ANSWERS: ReadonlySet<StatusKey> = new Set(['approved', 'rejected', 'confirm_deploy']);

/** Reads an item from the tracker and reports entries into statuses, whether a webhook or a poll made us look (AMB-35). */
export class Observation {
  constructor(
    private readonly tracker: Tracker,
    private readonly work: Work,
    private readonly clock: Clock,
    private readonly relations: Relations,
  ) {}

  /** What is on record is read before the tracker is: a reading that a webhook has overtaken must not pass for news. */
  async observe(project: ProjectPolicy, itemId: string, proven: ProvenChange | null, outcome: Outcome): Promise<void> {
    const onRecord = (await this.work.item(itemId))?.status_id ?? null;
    const item = await this.tracker.workItem(project.planeProjectId, itemId);
    if (!item) return outcome.report(ReportItemVanished, streamOf(itemId), { itemId });
    if (proven) await this.reportEntry(project, item, await this.provenEntry(project, item, proven), outcome);
    await this.reportFound(project, item, proven?.toId ?? onRecord, outcome);
  }

  private async reportFound(
    project: ProjectPolicy,
    item: WorkItem,
    last: string | null,
    outcome: Outcome,
  ): Promise<void> {
    if (item.statusId === last) return;
    const found = await this.foundEntry(project, item);
    if (found) await this.reportEntry(project, item, { ...found, whenLastWas: last }, outcome);
  }

  /** Of a list: only what differs from the record is looked at closely; an item that means nothing yet is taken as listed. */
  async observeListed(project: ProjectPolicy, item: WorkItem, outcome: Outcome): Promise<void> {
    const seen = await this.work.item(item.itemId);
    if (seen?.status_id === item.statusId) return this.observeReturn(project, item, seen, outcome);
    const toKey = await this.keyOf(project, item.statusId);
    if (seen !== null || (toKey !== null && GESTURES.has(toKey))) {
      return this.observe(project, item.itemId, null, outcome);
    }
    const { statusId: toId } = item;
    const entry = { fromId: null, toId, toKey, by: null, ours: false, via: 'poll', whenLastWas: null } as const;
    await this.reportEntry(project, item, entry, outcome);
  }

  /**
   * It is where it was seen last, and may have been elsewhere since, of which no webhook told: a person who confirms again, after we asked again,
   * is not to wait for ever. Asked of statuses in which no item rests, because calls are counted.
   */
  private async observeReturn(project: ProjectPolicy, item: WorkItem, seen: ItemRow, outcome: Outcome): Promise<void> {
    const toKey = await this.keyOf(project, item.statusId);
    if (toKey === null || !ANSWERS.has(toKey)) return;
    const moves = returnTo(item, seen, await this.tracker.statusHistory(project.planeProjectId, item.itemId));
    for (const move of moves) {
      const entry = await this.entryOf(project, move);
      await this.reportEntry(project, item, { ...entry, whenLastWas: move.fromId }, outcome);
    }
  }

  private async provenEntry(project: ProjectPolicy, item: WorkItem, proven: ProvenChange): Promise<ObservedEntry> {
    const { fromId, toId, actorId } = proven;
    const ours = actorId === (await this.tracker.ownAccountId());
    const toKey = await this.keyOf(project, toId);
    const at = toKey === 'confirm_deploy' && !ours ? await this.timeOf(item, proven) : proven.at;
    return { fromId, toId, toKey, by: `plane:${actorId}`, at, ours, via: 'webhook' };
  }

  /** A late webhook carries a body that is younger than the act; for production the history has the word (RC-14). */
  private async timeOf({ projectId, itemId }: WorkItem, proven: ProvenChange): Promise<string | null> {
    const history = await this.tracker.statusHistory(projectId, itemId);
    const acts = history.filter((past) => past.toId === proven.toId && past.actorId === proven.actorId);
    return acts.at(-1)?.at ?? proven.at;
  }

  /**
   * A poll learns who did it, and from where, out of the item's history. The history lags behind the item: while it may only be late,
   * nothing is concluded, or our own write would pass for a person's act, and an earlier entry for this one; the next look will know.
   */
  private async foundEntry(project: ProjectPolicy, item: WorkItem): Promise<ObservedEntry | null> {
    const history = await this.tracker.statusHistory(project.planeProjectId, item.itemId);
    const change = history.filter((past) => past.toId === item.statusId).at(-1);
    const isTold = change === history.at(-1);
    if (!isTold && this.clock.now() - fromIso(item.updatedAt) < HISTORY_LAG_MS) return null;
    const toKey = await this.keyOf(project, item.statusId);
    const unknown = { fromId: null, by: null, at: null, ours: false } as const;
    if (!change) return { ...unknown, toId: item.statusId, toKey, via: 'poll' };
    return this.entryOf(project, { ...change, toId: item.statusId });
  }

  private async entryOf(project: ProjectPolicy, { fromId, toId, actorId, at }: Move): Promise<ObservedEntry> {
    const [toKey, own] = [await this.keyOf(project, toId), await this.tracker.ownAccountId()];
    return { fromId, toId, toKey, by: `plane:${actorId}`, at, ours: actorId === own, via: 'poll' };
  }

  private async keyOf(project: ProjectPolicy, statusId: string): Promise<StatusKey | null> {
    return statusKeyOf(await this.tracker.statuses(project.planeProjectId), statusId, project.statusNames);
  }

  /** Asked for only where work may start, so that a task waits from its first moment on. */
  private async blockersOf(workItem: string, item: WorkItem, entry: ObservedEntry): Promise<readonly Blocker[]> {
    if (entry.toKey !== 'in_progress' || entry.ours) return [];
    const seen = await this.work.item(item.itemId);
    return seen?.task_id ? [] : this.relations.blockersOf(workItem, item);
  }

  /** UNK-05: why it was rejected stands in the newest comments of people; newest first. */
  private async feedbackOf({ projectId, itemId }: WorkItem, entry: ObservedEntry): Promise<readonly string[]> {
    if (entry.toKey !== 'rejected' || entry.ours) return [];
    const own = await this.tracker.ownAccountId();
    const said = (await this.tracker.comments(projectId, itemId)).filter(({ authorId }) => authorId !== own);
    return said
      .slice(-FEEDBACK_MAX)
      .reverse()
      .map(({ text }) => text.slice(0, FEEDBACK_LENGTH_MAX));
  }

  private async reportEntry(
    project: ProjectPolicy,
    item: WorkItem,
    entry: ObservedEntry,
    outcome: Outcome,
  ): Promise<void> {
    const workItem = workItemId(project.prefix, item.sequenceId);
    const { itemId, projectId, title, description } = item;
    const observation = {
      itemId,
      projectId,
      workItem,
      repo: project.repo,
      title,
      description,
      entries: [entry],
      feedback: await this.feedbackOf(item, entry),
      blockedBy: await this.blockersOf(workItem, item, entry),
    };
    const actor = entry.by ?? 'system';
    const key = `${entry.fromId} ${entry.toId} ${entry.via}`;
    await outcome.report(ObserveItem, streamOf(itemId), observation, { correlationId: workItem, actor, key });
  }
}

/** The move away and the move back that came after what is on record, or nothing. */
function returnTo({ statusId }: WorkItem, seen: ItemRow, history: readonly StatusChange[]): readonly Move[] {
  const [away, back] = history.slice(-2).filter((change): change is Move => change.toId !== null);
  const since = seen.entered_at ?? seen.observed_at;
  if (!away || !back || back.toId !== statusId || back.at <= since || away.toId !== back.fromId) return [];
  return [{ ...away, fromId: statusId }, back];
}

function streamOf(itemId: string): string {
  return `inbox-plane-item-${itemId}`;
}
