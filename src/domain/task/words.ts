import type { Gate } from '../../kernel/pipeline/stage.js';

/**
 * What an evaluation came to. `absent` is red without a verdict and moves nothing (AMB-45); only `failed` sends back; `outdated` is red because what was
 * judged is no longer there, and asks for the stage's work once more.
 */
export type GateAnswer = 'passed' | 'failed' | 'absent' | 'outdated';

/** Who does a stage's work: an agent, or deterministic code running the project's hook (AG-10). */
export type Performer = 'agent' | 'staging-hook' | 'production-hook';

export interface ArtifactWritten {
  /** Relative to the repository. */
  readonly path: string;
  /** SHA-256, hex. */
  readonly digest: string;
}

/** A commit, and its tree without `docs/work-items/`, which is what verdicts are bound to. */
export interface Commit {
  readonly head: string;
  readonly codeTree: string;
}

/** Which task an event is about, for whoever hears of it outside the task's stream. */
export interface TaskRef {
  readonly taskId: number;
  readonly workItem: string;
  readonly repo: string;
}

/** What a gate last said, and the event of the task's stream that says so. */
export interface Verdict {
  readonly gate: Gate;
  readonly answer: GateAnswer;
  readonly reason: string;
  /** The commit that it was given for; null where the evidence names none. */
  readonly head: string | null;
  readonly revision: number;
}
