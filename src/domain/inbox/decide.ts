import type { Decider } from '../../kernel/decider.js';
import { Refused } from '../../kernel/refused.js';
import * as commands from './commands.js';
import type { InboxEvent } from './events.js';
import { evolveInbox, isSkipped, UNSEEN, type InboxState } from './state.js';

export const inboxDecider: Decider<commands.InboxCommand, InboxEvent, InboxState> = {
  category: 'inbox',
  commands: Object.values(commands),
  events: {
    DeliveryReceived: 1,
    DeliveryHandled: 1,
    StatusEntered: 1,
    TaskRequested: 1,
    ItemVanished: 1,
    TaskLostItem: 1,
  },
  initial: UNSEEN,
  evolve: evolveInbox,
  decide: decideInbox,
};

function decideInbox(command: commands.InboxCommand, state: InboxState): readonly InboxEvent[] | Refused {
  switch (command.type) {
    case 'ReceiveDelivery':
      return state.received
        ? new Refused('duplicate', 'the delivery has been seen before')
        : [{ type: 'DeliveryReceived', data: command.payload }];
    case 'CloseDelivery':
      return state.handled ? [] : [{ type: 'DeliveryHandled', data: command.payload }];
    case 'ObserveItem':
      return observed(command.payload, state);
    case 'ReportItemVanished':
      return state.vanished || state.lastStatusId === null ? [] : vanished(command.payload.itemId, state);
  }
}

function vanished(itemId: string, { taskId, about }: InboxState): readonly InboxEvent[] {
  const gone: InboxEvent = { type: 'ItemVanished', data: { itemId, taskId } };
  if (taskId === null || !about) return [gone];
  return [gone, { type: 'TaskLostItem', data: { itemId, taskId, ...about } }];
}

type Observation = commands.ObserveItem['payload'];

/** Walks through the entries; the first In Progress of a person asks for the task, exactly once per item (WHP-23). */
function observed(observation: Observation, state: InboxState): readonly InboxEvent[] {
  const events: InboxEvent[] = [];
  let { lastStatusId } = state;
  let hasTask = state.taskId !== null;
  for (const entry of observation.entries) {
    if (!isNew(entry, lastStatusId, state)) continue;
    const seen = inItsPlace(entry, lastStatusId, state);
    events.push(statusEntered(observation, seen, lastStatusId, state.taskId));
    if (!seen.overtaken) lastStatusId = entry.toId;
    if (!hasTask && startsWork(entry)) {
      events.push(taskRequested(observation));
      hasTask = true;
    }
  }
  return events;
}

type PlacedEntry = commands.ObservedEntry & { readonly overtaken?: true };

function inItsPlace(entry: commands.ObservedEntry, lastStatusId: string | null, state: InboxState): PlacedEntry {
  const isLate = entry.via === 'webhook' && lastStatusId === state.lastStatusId && isSkipped(entry, state);
  return isLate ? { ...entry, overtaken: true } : entry;
}

function isNew(entry: commands.ObservedEntry, lastStatusId: string | null, state: InboxState): boolean {
  if (entry.toId === lastStatusId) return false;
  if (entry.via === 'poll') return entry.whenLastWas === undefined || entry.whenLastWas === lastStatusId;
  return !state.unconfirmed.some((known) => known.toId === entry.toId && sameOrigin(known, entry, lastStatusId));
}

/** An entry of unknown origin may have come from anywhere but from where the item is known to have been only later. */
function sameOrigin(
  known: { readonly fromId: string | null },
  told: commands.ObservedEntry,
  lastStatusId: string | null,
): boolean {
  if (known.fromId === null) return told.fromId !== lastStatusId;
  return told.fromId === null || told.fromId === known.fromId;
}

function startsWork(entry: commands.ObservedEntry): boolean {
  return entry.toKey === 'in_progress' && !entry.ours;
}

function statusEntered(
  observation: Observation,
  entry: PlacedEntry,
  lastStatusId: string | null,
  taskId: number | null,
): InboxEvent {
  const { itemId, projectId, workItem, repo, feedback } = observation;
  const { toId, toKey, by, at: enteredAt = null, ours, via, overtaken } = entry;
  const about = { itemId, projectId, workItem, repo, taskId, feedback };
  return {
    type: 'StatusEntered',
    data: {
      ...about,
      fromId: entry.fromId ?? lastStatusId,
      toId,
      toKey,
      by,
      enteredAt,
      ours,
      via,
      ...(overtaken && { overtaken }),
    },
  };
}

function taskRequested(observation: Observation): InboxEvent {
  const { itemId, projectId, workItem, repo, title, description, blockedBy = [] } = observation;
  const waits = blockedBy.length > 0 ? { blockedBy } : {};
  return { type: 'TaskRequested', data: { itemId, projectId, workItem, repo, title, description, ...waits } };
}
