import { describe, expect, test } from '@jest/globals';
import type { MergeAnswer } from '../../../src/integrations/forge.js';
import { readMergeAnswer } from '../../../src/integrations/gitea/merge-answers.js';
import { exchange, exchangeNames } from '../recorded.js';

const refused = (reason: string): MergeAnswer => ({ kind: 'refused', reason });
const notYet = (reason: string): MergeAnswer => ({ kind: 'not-yet', reason });

const MEANINGS: Readonly<Record<string, MergeAnswer>> = {
  'api-merge-already-merged': { kind: 'already-merged' },
  'api-merge-already-scheduled': refused(
    'pull request is already scheduled to auto merge when checks succeed [pull_id: 93]',
  ),
  'api-merge-approvals-missing': refused('Does not have enough approvals'),
  'api-merge-branch-outdated': refused('The head branch is behind the base branch'),
  'api-merge-changes-requested': refused('There are requested changes'),
  'api-merge-checks-failed': refused('Not all required status checks successful'),
  'api-merge-closed': refused('the pull request does not exist or was closed without a merge'),
  'api-merge-conflict': refused('conflict in src/webhooks/consumer.ts'),
  'api-merge-draft': refused('Work in progress PRs cannot be merged'),
  'api-merge-head-out-of-date': refused('the head of the pull request is not the expected commit'),
  'api-merge-not-allowed': refused('User not allowed to merge PR'),
  'api-merge-not-mergeable': notYet('the forge does not consider it mergeable (yet)'),
  'api-merge-ok': { kind: 'merged' },
  'api-merge-push-rejected': refused('PushRejected with remote message: branch main is protected from merging'),
  'api-merge-rebase-conflict': refused('conflict in src/webhooks/consumer.ts'),
  'api-merge-scheduled': notYet('the forge has only scheduled the merge'),
  'api-merge-server-error': { kind: 'unknown', reason: 'status 500, no reason was given' },
  'api-merge-style-not-allowed': refused('squash is not allowed an allowed merge style for this repository'),
  'api-merge-validation-error': refused('[Do]: Required'),
};

describe('every recorded answer to a merge', () => {
  const recorded = exchangeNames('gitea').filter((name) => name.startsWith('api-merge-'));

  test('has a meaning', () => {
    expect(Object.keys(MEANINGS).sort()).toEqual([...recorded].sort());
  });

  test.each(recorded)('%s means what it says', (name) => {
    const { status, body } = exchange('gitea', name);
    expect(readMergeAnswer(status, body)).toEqual(MEANINGS[name]);
  });
});

describe('an answer to a merge that nobody recorded', () => {
  test('with an empty message is "already merged", as servers up to 1.25 say it', () => {
    expect(readMergeAnswer(405, { message: '', url: '' })).toEqual({ kind: 'already-merged' });
  });

  test('that the base moved during the merge may be different next time', () => {
    expect(readMergeAnswer(409, { message: 'merge push out of date' }).kind).toBe('not-yet');
  });

  test('that too much was asked says nothing about the merge', () => {
    expect(readMergeAnswer(429, null).kind).toBe('unknown');
  });

  test.each([[401], [403], [422], [423], [301]])('of status %i is a refusal', (status) => {
    expect(readMergeAnswer(status, { message: 'no' })).toEqual({ kind: 'refused', reason: 'no' });
  });

  test.each([[500], [502], [503], [504], [408]])('of status %i is unknown and never a refusal', (status) => {
    expect(readMergeAnswer(status, undefined).kind).toBe('unknown');
  });

  test('names all conflicting files once, and a conflict without any as one', () => {
    const line = (kind: string, file: string) => `CONFLICT (${kind}): Merge conflict in ${file}\n`;
    const StdOut = line('content', 'a b.ts') + line('add/add', 'c.ts') + line('content', 'a b.ts');
    expect(readMergeAnswer(409, { StdOut })).toEqual(refused('conflict in a b.ts, c.ts'));
    expect(readMergeAnswer(409, { StdErr: 'fatal: refusing to merge unrelated histories' })).toEqual(
      refused('conflict with the base branch'),
    );
  });
});
