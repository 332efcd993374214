import type { GateReading } from '../../domain/task/commands.js';
import type { Commit, GateCheckRequested } from '../../domain/task/events.js';
import { PushRejected, type Rebase, type WorktreeKey, type Worktrees } from '../../integrations/worktrees.js';
import type { HeldLease } from '../../kernel/pipeline/held-lease.js';
import { isInMergeGate, type Policy, projectOf } from '../../kernel/pipeline/policy.js';
import type { ProjectCommands } from './project-commands.js';

type Check = GateCheckRequested['data'];
type Rebased = Extract<Rebase, { kind: 'rebased' }>;

/** What the gate came to, and what the branch is by now. */
export interface CaughtUp {
  readonly reading: GateReading;
  /** Absent where the branch is what was judged. */
  readonly rebased?: { readonly to: Commit; readonly onto: string };
}

const GATE = 'check_branch_mergeable';

/** Brings a branch up to date before it is merged: rebase, one more test, push of the feature branch; the default branch is never pushed (MG-01, MG-14). */
export class MergeGate {
  constructor(
    private readonly worktrees: Worktrees,
    private readonly project: ProjectCommands,
    private readonly policy: Policy,
  ) {}

  isInForce(repo: string): boolean {
    return isInMergeGate(this.policy, repo);
  }

  /** A "no" that the developer can do something about is an answer; trouble with git or forge is thrown and tried again. */
  async read(check: Check, lease: HeldLease, signal: AbortSignal): Promise<CaughtUp> {
    const rebase = await this.worktrees.rebase(keyOf(check), check.commit.head);
    switch (rebase.kind) {
      case 'landed':
        return passed(`already merged into ${this.main(check)}`, { head: check.commit.head, base: rebase.base });
      case 'current':
        return this.upToDate(rebase, check);
      case 'rebased':
        return this.retest(rebase, check, lease, signal);
      case 'conflict': {
        const reason = `rebase onto ${this.main(check)} conflicts in ${rebase.files.join(', ')}`;
        return failed(reason, { head: check.commit.head, base: rebase.base });
      }
      case 'moved':
        return failed(`${check.branch} was changed by somebody else: ${whereabouts(rebase.head)}`, {
          head: check.commit.head,
        });
    }
  }

  /** Another head than the judged one is a catch-up that was green and pushed, and of which nobody could be told any more (MG-15). */
  private upToDate({ state, base }: Extract<Rebase, { kind: 'current' }>, check: Check): CaughtUp {
    const answer = passed(`branch up-to-date with ${this.main(check)}`, { head: state.head, base });
    return state.head === check.commit.head ? answer : { ...answer, rebased: { to: state, onto: base } };
  }

  private async retest(rebase: Rebased, check: Check, lease: HeldLease, signal: AbortSignal): Promise<CaughtUp> {
    const { state, base: onto, from } = rebase;
    const evidence = { head: state.head, base: onto };
    const { passed: green, tail } = await this.project.runTests(check.repo, state.head, signal);
    if (!green) return failed(`re-test red after the rebase onto ${this.main(check)}: ${tail}`, evidence);
    try {
      await this.worktrees.pushRebased(lease, keyOf(check), { from, head: state.head });
    } catch (error) {
      if (!(error instanceof PushRejected)) throw error;
      return failed(`the rebased branch cannot be pushed: ${error.reason}`, evidence);
    }
    const answer = passed(`rebased onto ${this.main(check)}, re-test green`, evidence);
    return { ...answer, rebased: { to: state, onto } };
  }

  private main({ repo }: Check): string {
    return projectOf(this.policy, repo)?.defaultBranch ?? 'the default branch';
  }
}

function keyOf({ repo, workItem, branch }: Check): WorktreeKey {
  return { repo, workItem, branch };
}

function whereabouts(head: string | null): string {
  return head === null ? 'it is gone from the forge' : `it is at ${head}, which nobody has judged`;
}

function passed(reason: string, evidence: GateReading['evidence']): CaughtUp {
  return { reading: { gate: GATE, answer: 'passed', reason, evidence } };
}

function failed(reason: string, evidence: GateReading['evidence']): CaughtUp {
  return { reading: { gate: GATE, answer: 'failed', reason, evidence } };
}
