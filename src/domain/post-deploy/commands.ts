import { Command } from '../../kernel/command.js';
import type { ProbeAnswer, ReleaseAnnounced } from './events.js';

/** A production hook was asked for. */
export class AnnounceRelease extends Command<ReleaseAnnounced['data']> {
  readonly type = 'AnnounceRelease';
}

/** The task is done; what it brought to production is watched from now on. */
export class ArmWatch extends Command<{
  readonly repo: string;
  readonly watchId: number;
  readonly taskId: number;
  readonly workItem: string;
}> {
  readonly type = 'ArmWatch';
}

/** What came of one check of the schedule. */
export class ReportProbe extends Command<{
  readonly repo: string;
  readonly watchId: number;
  readonly check: number;
  readonly answer: ProbeAnswer;
  readonly detail: string;
}> {
  readonly type = 'ReportProbe';
}

/** The window is over, and nobody was there for its last check. */
export class CloseWatch extends Command<{ readonly repo: string; readonly watchId: number }> {
  readonly type = 'CloseWatch';
}

/** How the hook of a rollback ended; the number is that of the watch over what it brought back. */
export class ReportRollback extends Command<{
  readonly repo: string;
  readonly deployId: number;
  readonly watchId: number;
  readonly succeeded: boolean;
  readonly reason: string;
}> {
  readonly type = 'ReportRollback';
}

export class ReportWatchLogPublished extends Command<{
  readonly repo: string;
  readonly watchId: number;
  readonly workItem: string;
  readonly head: string;
}> {
  readonly type = 'ReportWatchLogPublished';
}

export type PostDeployCommand =
  AnnounceRelease | ArmWatch | ReportProbe | CloseWatch | ReportRollback | ReportWatchLogPublished;
