import type { Recorded } from '../../kernel/event.js';
import type { InboxEvent } from './events.js';

/** One stream is one delivery or one item; the fields of the other kind stay as they began. */
export interface InboxState {
  readonly received: boolean;
  readonly handled: boolean;
  /** The status that was observed last. */
  readonly lastStatusId: string | null;
  readonly taskId: number | null;
  readonly vanished: boolean;
  /** Entries that a poll recorded and no webhook has told of yet; the late webhook is the same gesture (AMB-35). */
  readonly unconfirmed: readonly { readonly fromId: string | null; readonly toId: string }[];
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
      return { ...state, taskId: event.position };
    case 'ItemVanished':
      return { ...state, vanished: true };
    case 'StatusEntered':
      return entered(state, event.data);
  }
}

function entered(
  state: InboxState,
  entry: { readonly fromId: string | null; readonly toId: string; readonly via: 'webhook' | 'poll' },
): InboxState {
  // A webhook proves that deliveries arrive again: what polls recorded before it is no longer waited for.
  const unconfirmed = entry.via === 'webhook' ? [] : [...state.unconfirmed, { fromId: entry.fromId, toId: entry.toId }];
  return { ...state, lastStatusId: entry.toId, vanished: false, unconfirmed: unconfirmed.slice(-UNCONFIRMED_MAX) };
}
