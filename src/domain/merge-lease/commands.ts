import { Command } from '../../kernel/command.js';
import type { LeaseHolder, LeaseInstance } from './events.js';

export class AcquireMergeLease extends Command<
  LeaseHolder & { readonly repo: string; readonly instance: LeaseInstance }
> {
  readonly type = 'AcquireMergeLease';
}

export class RenewMergeLease extends Command<{ readonly fence: number }> {
  readonly type = 'RenewMergeLease';
}

/** Of exactly this grant, or, with a null fence, of whatever this work item holds; somebody else's is never released (MG-08). */
export class ReleaseMergeLease extends Command<{
  readonly workItem: string;
  readonly fence: number | null;
  readonly reason: string;
}> {
  readonly type = 'ReleaseMergeLease';
}

/** Somebody looked after the holder of this grant. */
export class ReclaimMergeLease extends Command<{
  readonly fence: number;
  /** Of the process that was granted it; unknown counts as alive (INV-13). */
  readonly process: 'alive' | 'dead' | 'unknown';
}> {
  readonly type = 'ReclaimMergeLease';
}

export type MergeLeaseCommand = AcquireMergeLease | RenewMergeLease | ReleaseMergeLease | ReclaimMergeLease;
