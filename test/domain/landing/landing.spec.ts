import { describe, expect, test } from '@jest/globals';
import * as commands from '../../../src/domain/landing/commands.js';
import { landingDecider } from '../../../src/domain/landing/decide.js';
import { landingSaga } from '../../../src/sagas/landing.js';
import { commandsOf } from '../../../src/sagas/saga.js';
import { given, record, wish } from '../../support/given.js';
import { AGENT_PROJECT, policyWith } from '../../support/policy.js';

const ITEM = { workItem: 'ET-001', repo: 'enduro-trails' };
const leftOpen = wish(commands.ReportPullRequestLeftOpen, { ...ITEM, pullRequest: 7, commit: 'mmm999' });
const closed = wish(commands.ReportPullRequestClosed, { ...ITEM, pullRequest: 7, how: 'merged' });
const request = wish(commands.RequestArtifactsMerge, { ...ITEM, after: 'deploy' });
const merged = wish(commands.ReportArtifactsMerged, { ...ITEM, head: 'bbb222', commit: 'ccc333' });
const refused = wish(commands.ReportArtifactsMergeRefused, { ...ITEM, reason: 'conflict' });
const landing = () => given(landingDecider);

describe('A pull request that was left open', () => {
  test('is said once, and closed once', () => {
    const outcome = landing().when(leftOpen).thenTypes('PullRequestLeftOpen');
    outcome.thenNothingMore();
    outcome.history.when(closed).thenTypes('PullRequestClosed').thenNothingMore();
  });

  test('is not closed when nobody left it open', () => {
    landing().when(closed).thenNothing();
  });
});

describe('What is written after the merge', () => {
  test.each([
    ['merged', merged, 'ArtifactsMerged'],
    ['refused', refused, 'ArtifactsMergeRefused'],
  ] as const)('is %s once for every time that it was asked for', (_said, report, type) => {
    landing().when(report).thenNothing();
    const twice = landing().afterAll(request, request);
    const answered = twice.when(report).thenTypes(type).history.when(report).thenTypes(type);
    answered.history.when(report).thenNothing();
  });

  const asked = (type: string, data: object, artifacts: 'branch' | 'merge') => {
    const policy = policyWith({ projects: [{ ...AGENT_PROJECT, artifacts }] });
    return record([{ type, data }]).flatMap((event) => commandsOf(landingSaga, event, policy));
  };
  const done = { taskId: 42, ...ITEM, from: 'deploy', to: 'done', visit: 8 };
  const logged = { ...ITEM, watchId: 9, head: 'bbb222' };

  test('is asked for when the task is done, and when its production was watched, only where the project wants it', () => {
    expect(asked('TaskAdvanced', done, 'merge')).toMatchObject([
      { type: 'RequestArtifactsMerge', stream: 'landing-ET-001', payload: { ...ITEM, after: 'deploy' } },
    ]);
    expect(asked('WatchLogPublished', logged, 'merge')).toMatchObject([{ payload: { ...ITEM, after: 'post-deploy' } }]);
    expect(asked('TaskAdvanced', { ...done, to: 'deploy' }, 'merge')).toEqual([]);
    for (const [type, data] of [
      ['TaskAdvanced', done],
      ['WatchLogPublished', logged],
    ] as const)
      expect(asked(type, data, 'branch')).toEqual([]);
  });

  test('that stays on its branch is told in the chat, with the reason', () => {
    const told = asked('ArtifactsMergeRefused', { ...ITEM, reason: 'conflict in a.md' }, 'merge');
    expect(told).toMatchObject([{ payload: { channel: 'chat', params: { reason: 'conflict in a.md' } } }]);
  });
});
