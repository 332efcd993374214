import { numberOf, type Recorded } from '../../kernel/event.js';
import type { InboxEvent, StatusEntered } from './events.js';

/** One stream is one delivery or one item; the fields of the other kind stay as they began. */
export interface InboxState {
  readonly received: boolean;
  readonly handled: boolean;
  /** The status that was observed last. */
  readonly lastStatusId: string | null;
  readonly taskId: number | null;
  readonly vanished: boolean;
  /** Which work item it is; absent in what an earlier release remembered, and before it was observed. */
  readonly about?: { readonly workItem: string; readonly repo: string };
  /** Entries that a poll recorded and no webhook has told of yet; the late webhook is the same gesture (AMB-35). */
  readonly unconfirmed: readonly PolledEntry[];
}

export interface PolledEntry {
  readonly fromId: string | null;
  readonly toId: string;
  /** How far the record went before it: what lies between this and `fromId` the poll did not see. */
  readonly reached: string | null;
}

export const UNSEEN: InboxState = {
  received: false,
  handled: false,
  lastStatusId: null,
  taskId: null,
  vanished: false,
  unconfirmed: [],
};

const UNCONFIRMED_MAX = 20;

export function evolveInbox(state: InboxState, event: Recorded<InboxEvent>): InboxState {
  switch (event.type) {
    case 'DeliveryReceived':
      return { ...state, received: true };
    case 'DeliveryHandled':
      return { ...state, handled: true };
    case 'TaskRequested':
      return { ...state, taskId: numberOf(event) };
    case 'ItemVanished':
      return { ...state, vanished: true };
    case 'TaskLostItem':
      return state;
    case 'StatusEntered':
      return entered({ ...state, about: aboutOf(event.data) }, event.data);
  }
}

function aboutOf({ workItem, repo }: StatusEntered['data']): NonNullable<InboxState['about']> {
  return { workItem, repo };
}

type Entry = Pick<StatusEntered['data'], 'fromId' | 'toId' | 'via' | 'overtaken'>;

function entered(state: InboxState, entry: Entry): InboxState {
  if (entry.overtaken) return { ...state, unconfirmed: withSkipped(entry, state.unconfirmed) };
  // A webhook proves that deliveries arrive again: what polls recorded before it is no longer waited for.
  const unconfirmed =
    entry.via === 'webhook'
      ? []
      : [...state.unconfirmed, { fromId: entry.fromId, toId: entry.toId, reached: state.lastStatusId }];
  return { ...state, lastStatusId: entry.toId, vanished: false, unconfirmed: unconfirmed.slice(-UNCONFIRMED_MAX) };
}

/** It is known from now on, and the gap before the newest one begins behind it. */
function withSkipped({ fromId, toId }: Entry, unconfirmed: readonly PolledEntry[]): readonly PolledEntry[] {
  const skipped = { fromId, toId, reached: fromId };
  const newest = unconfirmed.slice(-1).map((known) => ({ ...known, reached: toId }));
  return [...unconfirmed.slice(0, -1), skipped, ...newest].slice(-UNCONFIRMED_MAX);
}

/** Whether the change lies in what the poll that recorded the present status did not see: it leaves from where the record had come to. */
export function isSkipped({ fromId }: { readonly fromId: string | null }, state: InboxState): boolean {
  const newest = state.unconfirmed.at(-1);
  if (!newest || fromId === null || newest.fromId === null) return false;
  return newest.toId === state.lastStatusId && newest.reached === fromId && newest.reached !== newest.fromId;
}
