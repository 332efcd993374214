import type { Forge, MergeAnswer } from '../../integrations/forge.js';
import type { Worktrees } from '../../integrations/worktrees.js';
import type { Clock } from '../../kernel/clock.js';

export interface RefusalWorld {
  readonly forge: Pick<Forge, 'combinedStatus'>;
  readonly worktrees: Pick<Worktrees, 'conflictingFiles'>;
  readonly clock: Clock;
}

export interface MergeAttempt {
  /** Id of the intent. */
  readonly attempt: string;
  readonly repo: string;
  readonly head: string;
}

/** A forge computes for seconds; what it does not merge for so long it is not going to merge. */
const PATIENCE_MS = 120_000;
/** The checks of a head that was only just pushed take as long as a build does. */
const CHECKS_PATIENCE_MS = 30 * 60_000;

/** Tells a forge that will not merge from one that cannot say yet. */
export class MergeRefusals {
  /** When the forge first asked for time. A new process is patient anew. */
  private readonly askedForTimeAt = new Map<string, number>();

  constructor(private readonly world: RefusalWorld) {}

  /** Why it will not be merged, or null while it still may be. */
  async reasonIn(answer: MergeAnswer, { attempt, repo, head }: MergeAttempt): Promise<string | null> {
    if (answer.kind !== 'refused' && answer.kind !== 'not-yet') return null;
    // Gitea answers "Please try again later" while it looks for conflicts, and in the same words for ever once it has found one.
    const files = await this.world.worktrees.conflictingFiles(repo, head);
    if (files.length > 0) return `conflict with the default branch in ${files.join(', ')}`;
    if (answer.kind === 'not-yet') return this.outOfPatience(attempt, answer.reason, PATIENCE_MS);
    const isBeingChecked = /required status checks/i.test(answer.reason) && (await this.hasOpenChecks(repo, head));
    return isBeingChecked ? this.outOfPatience(attempt, answer.reason, CHECKS_PATIENCE_MS) : answer.reason;
  }

  forget(attempt: string): void {
    this.askedForTimeAt.delete(attempt);
  }

  private async hasOpenChecks(repo: string, head: string): Promise<boolean> {
    const { status } = await this.world.forge.combinedStatus(repo, head);
    return status === 'pending' || status === 'absent';
  }

  private outOfPatience(attempt: string, reason: string, patienceMs: number): string | null {
    const now = this.world.clock.now();
    const since = this.askedForTimeAt.get(attempt) ?? now;
    this.askedForTimeAt.set(attempt, since);
    return now - since < patienceMs ? null : `${reason}, and that for ${patienceMs / 1000} s`;
  }
}
