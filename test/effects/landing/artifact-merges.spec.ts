import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ArtifactsMergeRequested } from '../../../src/domain/landing/events.js';
import type { Outcome } from '../../../src/effects/effect.js';
import { ArtifactMerges } from '../../../src/effects/landing/artifact-merges.js';
import type { Forge, MergeAnswer } from '../../../src/integrations/forge.js';
import type { HeldLease } from '../../../src/kernel/pipeline/held-lease.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { ForgeRepository, git, KEY } from '../../integrations/git/forge-repository.js';
import { LeaseWorld } from '../merge-lease/lease-world.js';

const LOG = 'docs/work-items/ET-001/14-deploy-log.md';
const TASK = { id: 42, repo: 'sample', work_item_id: KEY.workItem, branch: KEY.branch };

/** A real repository, and a forge that merges in it as it is asked to. */
class Yard {
  readonly leases = new LeaseWorld(300, ['sample']);
  readonly reported: object[] = [];
  answer: MergeAnswer | null = null;
  readonly opened: string[] = [];

  constructor(readonly repository: ForgeRepository) {}

  readonly forge = {
    openPullRequest: async (_repo: string, { head }: { head: string }) => {
      this.opened.push(head);
      return { number: 8 };
    },
    merge: async (lease: HeldLease, { head }: { head: string }) => {
      lease.assertHeld('sample');
      return this.answer ?? this.merged(head);
    },
    combinedStatus: async () => ({ status: 'success', changedAt: null }),
  } as unknown as Forge;

  async attempt(): Promise<void> {
    const { clock, policy } = this.leases;
    const work = { taskOf: async () => TASK } as never;
    const world = { forge: this.forge, worktrees: this.repository.worktrees(), work, clock, policy };
    const outcome: Outcome = {
      report: async (type, _stream, payload) => void this.reported.push({ type: type.name, ...payload }),
    };
    const data = { workItem: KEY.workItem, repo: 'sample', after: 'deploy' };
    const event = { id: 'intent', stream: `landing-${KEY.workItem}`, data } as RecordedEvent<ArtifactsMergeRequested>;
    await new ArtifactMerges(world, this.leases.keeper()).act(event, outcome, new AbortController().signal);
  }

  private async merged(head: string): Promise<MergeAnswer> {
    const { person } = this.repository;
    await git(person, 'fetch', '--quiet');
    await git(person, 'checkout', '--quiet', '-B', 'main', 'origin/main');
    await git(person, 'merge', '--quiet', '--no-ff', '-m', 'documents', head);
    await git(person, 'push', '--quiet', 'origin', 'main');
    return { kind: 'merged' };
  }
}

let yard: Yard;
beforeEach(async () => {
  yard = new Yard(await ForgeRepository.create());
  await yard.repository.personPushes(KEY.branch, { [LOG]: 'deploy_status: SUCCESS\n' });
});
afterEach(() => yard.repository.remove());

const onMain = (path: string) => git(yard.repository.bare, 'show', `main:${path}`).catch(() => null);

describe('documents that were written after the merge', () => {
  test('come to the default branch by a merge under the lease, once, however often it is tried', async () => {
    await yard.attempt();
    expect(await onMain(LOG)).toBe('deploy_status: SUCCESS');
    expect(await yard.leases.types('merge-lease-sample')).toEqual(['MergeLeaseGranted', 'MergeLeaseReleased']);
    await yard.attempt();
    expect(yard.opened).toEqual([KEY.branch]);
    expect(yard.reported).toEqual(
      [1, 2].map(() => expect.objectContaining({ type: 'ReportArtifactsMerged', workItem: KEY.workItem })),
    );
  });

  test('bring no code along that somebody pushed to the branch meanwhile: the files are named', async () => {
    await yard.repository.personPushes(KEY.branch, { 'src/app.js': 'judged by nobody\n' });
    await yard.attempt();
    const reason = 'the branch brings more than documents: src/app.js';
    expect(yard.reported).toMatchObject([{ type: 'ReportArtifactsMergeRefused', reason }]);
    expect([await onMain(LOG), yard.opened]).toEqual([null, []]);
  });

  test('stay on the branch when the forge refuses, in its words', async () => {
    yard.answer = { kind: 'refused', reason: 'Does not have enough approvals' };
    await yard.attempt();
    expect(yard.reported).toMatchObject([{ reason: 'Does not have enough approvals' }]);
  });

  test('of a forge that asks for time are tried again', async () => {
    yard.answer = { kind: 'not-yet', reason: 'the conflict check is running' };
    await expect(yard.attempt()).rejects.toThrow('undecided');
    yard.answer = null;
    await yard.attempt();
    expect(yard.reported).toMatchObject([{ type: 'ReportArtifactsMerged' }]);
  });

  test('of a branch that is gone stay gone', async () => {
    await git(yard.repository.bare, 'branch', '-D', KEY.branch);
    await yard.attempt();
    expect(yard.reported).toMatchObject([{ reason: `the branch ${KEY.branch} is gone` }]);
  });
});
