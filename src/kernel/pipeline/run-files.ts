export const RUN_FILES = Symbol('RunFiles');

/** How far a run has come, read from what it has written and not from events: alive or ended, as long as its files exist. */
export interface RunProgress {
  readonly bytes: number;
  readonly lines: number;
  readonly lastOutputAt: string;
  /** When its supervisor last gave a sign of life; null when it never did. */
  readonly beatAt: string | null;
  readonly turns: number;
  readonly toolCalls: number;
  readonly lastText: string | null;
  readonly lastTool: string | null;
  /** Unknown is null, never 0. */
  readonly costUsd: number | null;
  /** False: the output is longer than what has been read of it so far. */
  readonly isCurrent: boolean;
}

/** What a run has written, for readers; every secret that is known is taken out. */
export interface RunFiles {
  /** Null when there is nothing to read. */
  progress(runDirectory: string | null): Promise<RunProgress | null>;
  /** The last lines of the output. */
  tail(runDirectory: string | null, lines: number): Promise<readonly string[]>;
}
