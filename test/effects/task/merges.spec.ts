import type { Clearances } from '../../../src/effects/deploy/clearance.js';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { MergeRequested } from '../../../src/domain/task/events.js';
import type { Outcome } from '../../../src/effects/effect.js';
import { Landings } from '../../../src/effects/task/landings.js';
import { MergeUndecided, Merges } from '../../../src/effects/task/merges.js';
import type { CombinedStatus, Forge, MergeAnswer, PullRequest } from '../../../src/integrations/forge.js';
import { type BranchState, GitUnavailable, type Worktrees } from '../../../src/integrations/worktrees.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { LeaseWorld } from '../merge-lease/lease-world.js';

const NOT_YET: MergeAnswer = { kind: 'not-yet', reason: 'the forge does not consider it mergeable (yet)' };
const HEAD = { head: 'a'.repeat(40), codeTree: 'tree' };
const MERGE = { head: 'b'.repeat(40), codeTree: 'tree' };
const REQUEST = { taskId: 1, workItem: 'ET-001', repo: 'sample', branch: 'feature/ET-001', visit: 7, pullRequest: 3 };
const PULL: PullRequest = {
  ...{ number: 3, headBranch: REQUEST.branch, headSha: HEAD.head, baseBranch: 'main' },
  ...{ state: 'open', merged: false, mergeCommit: null },
};

/** A forge that answers as it is told, and a repository that knows what is where. */
class Repository {
  readonly leases = new LeaseWorld(300, ['orchestrator']);
  answer: MergeAnswer = NOT_YET;
  checks: CombinedStatus = 'success';
  conflicts: readonly string[] = [];
  pulls: readonly PullRequest[] = [PULL];
  onMain: readonly string[] = [];
  isUpToDate = true;
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

let repository: Repository;
beforeEach(() => {
  repository = new Repository();
});

const { visit, pullRequest } = REQUEST;
const refused = (reason: string) => ({ type: 'ReportMergeRefused', visit, pullRequest, reason });
const merged = { type: 'ReportMerged', visit, pullRequest, commit: MERGE };

describe('what moved between the confirmation and the merge', () => {
  test('of the branch itself is staged again instead of being merged, and is named [AMB-28]', async () => {
    repository.branch = { head: 'pushed-since', codeTree: 'other' };
    await repository.attempt();
    const reason = `the branch moved from ${HEAD.head} to pushed-since since it was staged`;
    expect(repository.reported).toEqual([{ ...refused(reason), mainMoved: true }]);
    expect(repository.asked).toBe(0);
  });

  test('of the task itself leaves the default branch alone', async () => {
    repository.clearance = { kind: 'unwanted', reason: 'the task is in cancelled by now' };
    await repository.attempt();
    expect(repository.reported).toEqual([refused('the task is in cancelled by now')]);
    expect(repository.asked).toBe(0);
  });
});

describe('a forge that asks for time', () => {
  test('is asked again for two minutes, and then the merge is refused in its words', async () => {
    for (let asked = 0; asked < 4; asked += 1) {
      await expect(repository.attempt()).rejects.toThrow(MergeUndecided);
      repository.secondsLater = 30;
    }
    await repository.attempt();
    const reason = 'the forge does not consider it mergeable (yet), and that for 120 s';
    expect(repository.reported).toEqual([refused(reason)]);
  });

  test('is not waited for where git itself finds a conflict', async () => {
    repository.conflicts = ['src/a.js', 'src/b.js'];
    await repository.attempt();
    expect(repository.reported).toEqual([refused('conflict with the default branch in src/a.js, src/b.js')]);
  });

  test('may merge in the meantime', async () => {
    await expect(repository.attempt()).rejects.toThrow(MergeUndecided);
    repository.onMain = [HEAD.head];
    await repository.attempt();
    expect(repository.reported).toEqual([merged]);
  });
});

describe('a forge that refuses', () => {
  test('is heard: its words go back to development', async () => {
    repository.answer = { kind: 'refused', reason: 'Does not have enough approvals' };
    await repository.attempt();
    expect(repository.reported).toEqual([refused('Does not have enough approvals')]);
  });

  test('names the files of a conflict, also where it does not say them', async () => {
    repository.answer = { kind: 'refused', reason: 'conflict with the base branch' };
    repository.conflicts = ['src/a.js'];
    await repository.attempt();
    expect(repository.reported).toEqual([refused('conflict with the default branch in src/a.js')]);
  });

  test('because of checks that still run is asked again until they are through, half an hour at most', async () => {
    repository.answer = { kind: 'refused', reason: 'Not all required status checks successful' };
    repository.checks = 'pending';
    await expect(repository.attempt()).rejects.toThrow(MergeUndecided);
    repository.secondsLater = 1_799;
    await expect(repository.attempt()).rejects.toThrow(MergeUndecided);
    repository.secondsLater = 1;
    await repository.attempt();
    expect(repository.reported).toEqual([refused('Not all required status checks successful, and that for 1800 s')]);
  });

  test('because of checks that failed is not asked again', async () => {
    repository.answer = { kind: 'refused', reason: 'Not all required status checks successful' };
    repository.checks = 'failure';
    await repository.attempt();
    expect(repository.reported).toEqual([refused('Not all required status checks successful')]);
  });
});

describe('a merge', () => {
  test('of which nobody knows what became of it is asked for again without end', async () => {
    repository.answer = { kind: 'unknown', reason: 'status 502' };
    for (let hours = 0; hours < 5; hours += 1) {
      repository.secondsLater = 3_600;
      await expect(repository.attempt()).rejects.toThrow('undecided: status 502');
    }
    expect(repository.reported).toEqual([]);
  });

  test('that has landed already is a no-op, and takes no lease [AC-11 of ORCH-065, MG-34, INV-05]', async () => {
    repository.onMain = [HEAD.head];
    await repository.attempt();
    expect([repository.reported, repository.asked]).toEqual([[merged], 0]);
    expect(await repository.leases.types('merge-lease-sample')).toEqual([]);
  });

  test('landed although the forge answered with an error: git is believed [MG-31]', async () => {
    const { forge } = repository;
    forge.merge = async () => {
      repository.onMain = [HEAD.head];
      return { kind: 'unknown', reason: 'status 500' };
    };
    await repository.attempt();
    expect(repository.reported).toEqual([merged]);
  });

  test('is made under the lease, which is given back', async () => {
    await expect(repository.attempt()).rejects.toThrow(MergeUndecided);
    const lease = await repository.leases.types('merge-lease-sample');
    expect(lease).toEqual(['MergeLeaseGranted', 'MergeLeaseReleased']);
  });

  test('of a repository that cannot be reached takes nobody’s turn', async () => {
    repository.isReachable = false;
    await expect(repository.attempt()).rejects.toThrow(GitUnavailable);
    expect(await repository.leases.types('merge-lease-sample')).toEqual([]);
  });
});

describe('a default branch that moved since staging', () => {
  beforeEach(() => {
    repository.isUpToDate = false;
  });

  test('is staged again where the merge gate is in force: nothing is merged [AMB-28, SC-13]', async () => {
    await repository.attempt('orchestrator');
    expect([repository.asked, repository.reported]).toEqual([0, [expect.objectContaining({ mainMoved: true })]]);
  });

  test('is no obstacle elsewhere: a plain merge of the expected head [MG-10]', async () => {
    repository.answer = { kind: 'refused', reason: 'head out of date' };
    await repository.attempt();
    expect([repository.asked, repository.reported]).toEqual([1, [refused('head out of date')]]);
  });

  test('during the merge itself is staged again too, and is nobody’s failure', async () => {
    repository.isUpToDate = true;
    repository.forge.merge = async () => {
      repository.isUpToDate = false;
      return { kind: 'refused', reason: 'conflict with the base branch' };
    };
    await repository.attempt('orchestrator');
    expect(repository.reported).toEqual([expect.objectContaining({ mainMoved: true })]);
  });
});

describe('whether a change has landed', () => {
  const asked = () => new Landings(repository.forge, repository.worktrees).of({ ...REQUEST, commit: HEAD, title: 'T' });
  const squash: PullRequest = { ...PULL, state: 'closed', merged: true, mergeCommit: 's'.repeat(40) };
  beforeEach(() => {
    repository.onMain = ['s'.repeat(40)];
  });

  test('is yes for a merged pull request of exactly this head, squashed or not [TC-16a of ORCH-065]', async () => {
    repository.pulls = [squash];
    expect(await asked()).toEqual(MERGE);
    repository.pulls = [
      { ...PULL, state: 'closed' },
      { ...squash, number: 9 },
    ];
    expect(await asked()).toEqual(MERGE);
  });

  test('is no for one that is open, and for none [TC-16b, TC-16c of ORCH-065]', async () => {
    expect(await asked()).toBeNull();
    repository.pulls = [];
    expect(await asked()).toBeNull();
  });

  test.each(['no connection', 'status 500'])(
    'is no when the forge cannot be asked: %s [TC-16d, TC-16e, MG-30]',
    async (what) => {
      repository.forge.pullRequest = () => Promise.reject(new Error(what));
      expect(await asked()).toBeNull();
    },
  );

  test('is no for a pull request of another branch, of an earlier round, or whose merge is nowhere [AMB-32, MG-32]', async () => {
    for (const other of [
      { headBranch: 'feature/ET-002' },
      { headSha: 'c'.repeat(40) },
      { mergeCommit: 'd'.repeat(40) },
    ]) {
      repository.pulls = [{ ...squash, ...other }];
      expect(await asked()).toBeNull();
    }
  });
});
