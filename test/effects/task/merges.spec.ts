import { beforeEach, describe, expect, test } from '@jest/globals';
import type { MergeRequested } from '../../../src/domain/task/events.js';
import type { Outcome } from '../../../src/effects/effect.js';
import { MergeUndecided, Merges } from '../../../src/effects/task/merges.js';
import type { Forge, MergeAnswer } from '../../../src/integrations/forge.js';
import type { Worktrees } from '../../../src/integrations/worktrees.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { LeaseWorld } from '../merge-lease/lease-world.js';

const NOT_YET: MergeAnswer = { kind: 'not-yet', reason: 'the forge does not consider it mergeable (yet)' };
const HEAD = { head: 'a'.repeat(40), codeTree: 'tree' };
const REQUEST = { taskId: 1, workItem: 'ET-001', repo: 'sample', branch: 'feature/ET-001', visit: 7, pullRequest: 3 };

/** A forge that answers as it is told, and a repository that knows what conflicts. */
class Repository {
  answer: MergeAnswer = NOT_YET;
  conflicts: readonly string[] = [];
  isMerged = false;
  now = 0;
  readonly reported: { readonly type: string; readonly reason?: string }[] = [];

  readonly merges = new Merges(
    { merge: async () => this.answer, pullRequest: async () => ({ mergeCommit: HEAD.head }) } as unknown as Forge,
    {
      isInDefaultBranch: async () => this.isMerged,
      conflictingFiles: async () => this.conflicts,
      stateOf: async () => HEAD,
    } as unknown as Worktrees,
    new LeaseWorld().keeper(),
    { now: () => this.now },
  );

  async attempt(): Promise<void> {
    const event = { id: 'intent', stream: 'task-1', data: { ...REQUEST, commit: HEAD, title: 'Title' } };
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

describe('a forge that asks for time', () => {
  test('is asked again for two minutes, and then the merge is refused in its words', async () => {
    for (repository.now = 0; repository.now < 120_000; repository.now += 30_000) {
      await expect(repository.attempt()).rejects.toThrow(MergeUndecided);
    }
    await repository.attempt();
    const reason = 'the forge does not consider it mergeable (yet), and that for 120 s';
    expect(repository.reported).toEqual([expect.objectContaining({ type: 'ReportMergeRefused', reason })]);
  });

  test('is not waited for where git itself finds a conflict', async () => {
    repository.conflicts = ['src/a.js', 'src/b.js'];
    await repository.attempt();
    const reason = 'conflict with the default branch in src/a.js, src/b.js';
    expect(repository.reported).toEqual([expect.objectContaining({ type: 'ReportMergeRefused', reason })]);
  });

  test('may merge in the meantime', async () => {
    await expect(repository.attempt()).rejects.toThrow(MergeUndecided);
    repository.isMerged = true;
    await repository.attempt();
    expect(repository.reported).toEqual([expect.objectContaining({ type: 'ReportMerged', commit: HEAD })]);
  });
});

test('a forge of which nobody knows what it did is asked again without end', async () => {
  repository.answer = { kind: 'unknown', reason: 'status 502' };
  for (repository.now = 0; repository.now < 3_600_000; repository.now += 600_000) {
    await expect(repository.attempt()).rejects.toThrow('undecided: status 502');
  }
  expect(repository.reported).toEqual([]);
});
