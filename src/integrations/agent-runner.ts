/** How an agent is started and how what it printed is understood. Adapters: `claude/`. */
export const AGENT_RUNNER = Symbol('AgentRunner');

export interface AgentBrief {
  readonly runId: string;
  readonly workItem: string;
  readonly role: string;
  readonly stage: string;
  readonly repo: string;
  readonly branch: string;
  /** From 1, per job. */
  readonly attempt: number;
  readonly title: string;
  readonly description: string;
  /** Why the task came back, newest first; empty on a first visit. */
  readonly feedback: readonly string[];
  readonly worktree: string;
  /** Where the run keeps its files; outside the worktree. */
  readonly runDirectory: string;
}

/** A process described before it is started. */
export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly silenceMs: number;
  readonly killGraceMs: number;
  readonly lingerMs: number;
  /** A pattern: the first line of output that it fits ends the run. */
  readonly forbidden?: string;
}

export type FailureClass =
  | 'rate-limit'
  | 'overload'
  | 'usage-limit'
  | 'network'
  | 'authentication'
  | 'timeout'
  | 'crash'
  | 'no-result'
  | 'settings-ignored'
  | 'agent-error';

/** What a run came to, read from its output and its exit (agents-facts A3). Unknown cost is null, never 0. */
export interface AgentReport {
  readonly succeeded: boolean;
  readonly failure: {
    readonly class: FailureClass;
    readonly transient: boolean;
    readonly reason: string;
    readonly resetsAt: string | null;
  } | null;
  readonly costUsd: number | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly sessionId: string | null;
  readonly turns: number | null;
}

export interface ExitRecord {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Set when the supervisor ended the run: `timeout`, `silence`, `linger`, `forbidden`, `stopped`. */
  readonly stoppedBecause: string | null;
  readonly startedAt: string;
  readonly endedAt: string;
}

/** How far an agent has come, as far as its output has been read. */
export interface Followed {
  readonly lines: number;
  readonly turns: number;
  readonly toolCalls: number;
  readonly lastText: string | null;
  readonly lastTool: string | null;
  /** Null until the agent has said it. */
  readonly costUsd: number | null;
  /** False: there is more than was read in this look. */
  readonly isCurrent: boolean;
}

export interface OutputFollower {
  /** Reads on from where the last look ended, and only so much that nobody waits long. */
  look(): Promise<Followed>;
}

export interface AgentRunner {
  /** What an agent is given and nobody may read in its output. */
  readonly credentials: readonly string[];
  /** Writes the brief and the role prompt into the run's directory and describes the process. */
  prepare(brief: AgentBrief): Promise<ProcessSpec>;
  /** Reads the output file of a finished run. */
  report(outputFile: string, exit: ExitRecord): Promise<AgentReport>;
  /** For an output file that may still be written to; it has to exist. */
  follow(outputFile: string): OutputFollower;
}
