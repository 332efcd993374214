/** A process described before it is started. The same shape as the agent port's, which this zone does not know: a hook is run likewise. */
export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** From start to stop; 0 = without limit, as in the next two. */
  readonly timeoutMs: number;
  /** Without a byte of output. */
  readonly silenceMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly killGraceMs: number;
  /** Alive after the line with the result. */
  readonly lingerMs: number;
  /** A pattern: the first line of output that it fits ends the run, because what was to hold the process back does not. */
  readonly forbidden?: string;
}

/** What the supervisor is told. */
export interface SupervisedSpec extends ProcessSpec {
  readonly runId: string;
  readonly fence: number;
}

export type StopReason = 'timeout' | 'silence' | 'linger' | 'stopped' | 'output-limit' | 'forbidden';

export interface ExitRecord {
  readonly runId: string;
  readonly fence: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Null: it ended by itself. */
  readonly stoppedBecause: StopReason | null;
  /** The words that came with a request to stop. */
  readonly stopRequest: string | null;
  /** Processes of the run that did not die, by their pid; empty but for a kernel that holds them. */
  readonly survivors: readonly number[];
  readonly startedAt: string;
  readonly endedAt: string;
}
