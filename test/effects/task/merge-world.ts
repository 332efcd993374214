import type { Clearances } from '../../../src/effects/deploy/clearance.js';
import type { MergeRequested } from '../../../src/domain/task/events.js';
import type { Outcome } from '../../../src/effects/effect.js';
import { Merges } from '../../../src/effects/task/merges.js';
import type { CombinedStatus, Forge, MergeAnswer, PullRequest } from '../../../src/integrations/forge.js';
import { type BranchState, GitUnavailable, type Worktrees } from '../../../src/integrations/worktrees.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { LeaseWorld } from '../merge-lease/lease-world.js';

const NOT_YET: MergeAnswer = { kind: 'not-yet', reason: 'the forge does not consider it mergeable (yet)' };
export const HEAD = { head: 'a'.repeat(40), codeTree: 'tree' };
export const MERGE = { head: 'b'.repeat(40), codeTree: 'tree' };
export const REQUEST = {
  taskId: 1,
  workItem: 'ET-001',
  repo: 'sample',
  branch: 'feature/ET-001',
  visit: 7,
  pullRequest: 3,
};
export const PULL: PullRequest = {
  ...{ number: 3, headBranch: REQUEST.branch, headSha: HEAD.head, baseBranch: 'main' },
  ...{ state: 'open', merged: false, mergeCommit: null },
};

/** A forge that answers as it is told, and a repository that knows what is where. */
export class Repository {
  readonly leases = new LeaseWorld(300, ['orchestrator']);
  answer: MergeAnswer = NOT_YET;
  checks: CombinedStatus = 'success';
  conflicts: readonly string[] = [];
  pulls: readonly PullRequest[] = [PULL];
  onMain: readonly string[] = [];
  isUpToDate = true;
  /** The default branch has moved on, but only by documents of work items. */
  hasOnlyDocuments = false;
  branch: BranchState | null = HEAD;
  clearance: Awaited<ReturnType<Clearances['awaited']>> = { kind: 'free', pins: [] };
  isReachable = true;
  asked = 0;
  readonly reported: object[] = [];

  readonly forge = {
    merge: async () => {
      this.asked += 1;
      return this.answer;
    },
    combinedStatus: async () => ({ status: this.checks, changedAt: null }),
    pullRequest: async (_repo: string, number: number) => this.pulls.find((pull) => pull.number === number) ?? null,
    pullRequestsOfBranch: async () => this.pulls,
  } as unknown as Forge;

  readonly worktrees = {
    landedAs: async (_repo: string, commit: string) => {
      if (!this.isReachable) throw new GitUnavailable('cannot fetch sample');
      return this.onMain.includes(commit) ? MERGE : null;
    },
    isUpToDate: async () => this.isUpToDate,
    isCodeUpToDate: async () => this.isUpToDate || this.hasOnlyDocuments,
    conflictingFiles: async () => this.conflicts,
    branchState: async () => this.branch,
  } as unknown as Worktrees;

  /** As a process that has just been started. */
  merges = this.restarted();

  restarted(): Merges {
    const { clock, policy } = this.leases;
    const clearances = { awaited: async () => this.clearance };
    const world = { forge: this.forge, worktrees: this.worktrees, clock, policy, clearances };
    return new Merges(world, this.leases.keeper());
  }

  set secondsLater(seconds: number) {
    this.leases.now += seconds * 1000;
  }

  async attempt(repo = 'sample'): Promise<void> {
    const event = { id: 'intent', stream: 'task-1', data: { ...REQUEST, repo, commit: HEAD, title: 'Title' } };
    const outcome: Outcome = {
      report: async (type, _stream, payload) => void this.reported.push({ type: type.name, ...payload }),
    };
    const { signal } = new AbortController();
    await this.merges.act(event as unknown as RecordedEvent<MergeRequested>, outcome, signal);
  }
}
