import type { Position } from '../kernel/event.js';

export const CHECKPOINTS = Symbol('Checkpoints');

/**
 * How far each follower has come. A checkpoint that is lost means that a page is handled again, which every handler
 * must bear anyway; one that is ahead of the work would lose events, so it is saved afterwards.
 */
export interface Checkpoints {
  /** 0 for a follower that has never saved. Throws `CheckpointOfAnotherLog`. */
  load(name: string, logId: string): Promise<Position>;

  /** Throws `CheckpointOfAnotherLog`. */
  save(name: string, logId: string, position: Position): Promise<void>;
}

/** A position says something about one log only. */
export class CheckpointOfAnotherLog extends Error {
  constructor(
    readonly follower: string,
    readonly saved: string,
    readonly logId: string,
  ) {
    super(
      `The checkpoint of ${follower} belongs to the event log ${saved}, not to ${logId}: ` +
        'point to the log that it was made with, or remove the checkpoints to start again from the beginning',
    );
    this.name = 'CheckpointOfAnotherLog';
  }
}

/** The log was cut or restored from a backup: what comes next would be taken for something already handled. */
export class CheckpointAheadOfLog extends Error {
  constructor(
    readonly follower: string,
    readonly position: Position,
    readonly head: Position,
  ) {
    super(
      `The checkpoint of ${follower} is at position ${position}, but the event log ends at ${head}: ` +
        'restore the whole log, or the checkpoints and read models of the same backup',
    );
    this.name = 'CheckpointAheadOfLog';
  }
}
