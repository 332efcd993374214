import { beforeEach, describe, expect, test } from '@jest/globals';
import { MergeUndecided } from '../../../src/effects/task/merges.js';
import { GitUnavailable } from '../../../src/integrations/worktrees.js';
import { HEAD, MERGE, PULL, Repository, REQUEST } from './merge-world.js';

let repository: Repository;
beforeEach(() => {
  repository = new Repository();
});

const { visit, pullRequest } = REQUEST;
const refused = (reason: string) => ({ type: 'ReportMergeRefused', visit, pullRequest, reason });
const merged = { type: 'ReportMerged', visit, pullRequest, commit: MERGE };
const leftOpen = {
  ...{ type: 'ReportPullRequestLeftOpen', workItem: REQUEST.workItem, repo: REQUEST.repo },
  ...{ pullRequest, commit: MERGE.head },
};

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
    repository.pulls = [{ ...PULL, state: 'closed', merged: true }];
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
    repository.pulls = [{ ...PULL, state: 'closed', merged: true }];
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
    expect(repository.reported).toEqual([leftOpen, merged]);
  });

  test('that left its pull request open, or may have, has it looked after, and waits for nobody', async () => {
    repository.onMain = [HEAD.head];
    repository.forge.pullRequest = () => Promise.reject(new Error('status 500'));
    await repository.attempt();
    expect(repository.reported).toEqual([leftOpen, merged]);
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

  test('only by documents of work items voids nothing, unless the forge wants them on the branch too', async () => {
    repository.hasOnlyDocuments = true;
    await expect(repository.attempt('orchestrator')).rejects.toThrow(MergeUndecided);
    expect([repository.asked, repository.reported]).toEqual([1, []]);
    repository.answer = { kind: 'refused', reason: 'The head branch is behind the base branch' };
    await repository.attempt('orchestrator');
    expect(repository.reported).toEqual([expect.objectContaining({ mainMoved: true })]);
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
