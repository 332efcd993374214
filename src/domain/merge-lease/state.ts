import type { Recorded, Revision } from '../../kernel/event.js';
import type { MergeLeaseEvent, MergeLeaseGranted } from './events.js';

export interface HeldState {
  readonly status: 'held';
  readonly fence: Revision;
  readonly grant: MergeLeaseGranted['data'];
  /** Moves with every renewal. */
  readonly expiresAt: string;
}

export type MergeLeaseState = { readonly status: 'free' } | HeldState;

export const FREE: MergeLeaseState = { status: 'free' };

export function evolveMergeLease(state: MergeLeaseState, event: Recorded<MergeLeaseEvent>): MergeLeaseState {
  switch (event.type) {
    case 'MergeLeaseGranted':
      return { status: 'held', fence: event.revision, grant: event.data, expiresAt: event.data.expiresAt };
    case 'MergeLeaseRenewed':
      return state.status === 'held' ? { ...state, expiresAt: event.data.expiresAt } : state;
    case 'MergeLeaseReleased':
    case 'MergeLeaseReclaimed':
      return FREE;
  }
}
