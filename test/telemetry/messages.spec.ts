import { describe, expect, test } from '@jest/globals';
import type { NotificationRequested } from '../../src/domain/notification/events.js';
import { standsBack } from '../../src/effects/job/mass-death.js';
import { nearlyFull } from '../../src/effects/upkeep/disk-watch.js';
import { landingSaga } from '../../src/sagas/landing.js';
import { mergeLeaseNewsSaga } from '../../src/sagas/merge-lease/news.js';
import { notifierSaga } from '../../src/sagas/notifier.js';
import { postDeployNewsSaga } from '../../src/sagas/post-deploy/news.js';
import { commandsOf, type Saga } from '../../src/sagas/saga.js';
import { CATALOGUES, messagesIn, paramsOf, type Locale } from '../../src/telemetry/messages/messages.js';
import { record } from '../support/given.js';
import { DEFAULT_POLICY } from '../support/policy.js';

const LOCALES = Object.keys(CATALOGUES) as Locale[];
const TASK = { taskId: 42, workItem: 'ET-001', repo: 'enduro-trails' };
const WORK = { ...TASK, visit: 3, round: 1, by: 'job-7', reason: 'no map' };
const COMMIT = { head: 'aaa111', codeTree: 'tree-1' };

/** One event of every type that the notifier hears; the test below fails when it hears one that is not here. */
const HEARD: Readonly<Record<string, object>> = {
  TaskAdvanced: { ...TASK, from: 'deploy', to: 'done', visit: 9 },
  TaskSentBack: { ...TASK, from: 'review', to: 'development', visit: 5, reason: 'upside down', retries: 1 },
  TaskEscalated: { ...TASK, stage: 'review', reason: 'upside down', retries: 4 },
  TaskCancelled: { ...TASK, from: 'review', reason: 'cancelled by plane:maria' },
  TaskRestarted: { ...TASK, stage: 'review', visit: 5, by: 'plane:maria' },
  ApprovalRequested: { ...TASK, stage: 'analysis', visit: 1 },
  ApprovalGiven: { ...TASK, stage: 'analysis', visit: 1, by: 'plane:maria' },
  ConfirmationRequested: {
    ...TASK,
    ...{ visit: 7, request: 1, commit: COMMIT, pullRequest: 7, stagedTree: 'tree-1', base: null },
    verdicts: [{ gate: 'check_ci_green', answer: 'passed', reason: 'CI green', head: 'aaa111', revision: 9 }],
  },
  DeployConfirmed: { visit: 7, request: 1, commit: COMMIT, by: 'plane:maria', at: '2026-01-31T12:00:00.000Z' },
  TaskLostItem: { ...TASK, itemId: 'item-1' },
  ProductionHeld: { ...TASK, visit: 7, reason: 'enduro-trails is frozen' },
  MergedCodeDiffered: { ...TASK, visit: 7, staged: COMMIT, merged: COMMIT },
  DeployFinished: {
    deployId: 12,
    environment: 'production',
    action: 'deploy',
    verdict: 'FAILED',
    exitCode: 2,
    reason: 'no',
  },
  GestureIgnored: { ...TASK, gesture: 'approve', stage: 'review', by: 'plane:maria', reason: 'nothing to approve' },
  WorkFailed: { ...WORK, stage: 'review' },
  BudgetReached: { scope: 'day', key: '2026-01-31', totalUsd: 5.25, limitUsd: 5, workItem: 'ET-001' },
  BreakerOpened: { jobId: 7, runId: 'r', reason: 'overloaded', consecutive: 3, until: '2026-01-31T12:00:00.000Z' },
  AgentsParked: { jobId: 7, runId: 'r', reason: 'usage limit', until: '2026-01-31T12:00:00.000Z' },
  TaskUnblocked: { ...TASK, stage: 'development', visit: 3, source: 'gitea', changedAt: null },
  WebhooksMissed: { source: 'plane', missed: 3, since: '2026-01-31T12:00:00.000Z' },
  WebhooksHeard: { source: 'plane', missed: 3, silentSince: '2026-01-31T12:00:00.000Z' },
  JobFailed: { ...TASK, jobId: 7, agent: 'tester', fence: 1, reason: 'reaped: process 9 is dead (run_id=r)' },
  RunEnded: { jobId: 7, fence: 1, runId: 'r', costUsd: 0.25, inputTokens: 100, outputTokens: null },
};

const WATCH = {
  ...TASK,
  action: 'ALERT_ONLY',
  reason: 'HTTP 503',
  actionReason: 'why',
  checks: { total: 3, failed: 3 },
  degradedInRow: 1,
};

const RECLAIMED = { ...TASK, branch: 'feature/ET-001', fence: 3, because: 'dead-pid', reason: 'dead pid 4711' };

/** The same of production after a deploy; one event can be worded in several ways. */
const HEARD_AFTERWARDS: readonly (readonly [string, object])[] = [
  ['WatchEnded', { ...WATCH, status: 'HEALTHY' }],
  ['WatchEnded', { ...WATCH, status: 'DEGRADED' }],
  ['WatchEnded', { ...WATCH, status: 'DEGRADED', degradedInRow: 2 }],
  ['WatchEnded', { ...WATCH, status: 'INCONCLUSIVE' }],
  ['WatchEnded', { ...WATCH, status: 'INCONCLUSIVE', overtaken: true }],
  ['RollbackOrdered', { ...TASK, from: COMMIT, to: COMMIT }],
  ['RollbackFailed', { ...TASK, deployId: 12, reason: 'no such release' }],
];

function requested(saga: Saga, type: string, data: object): readonly NotificationRequested['data'][] {
  const [event] = record([{ type, data }]);
  if (!event) throw new Error(`No event of type ${type}`);
  return commandsOf(saga, event, DEFAULT_POLICY).map(({ payload }) => payload as NotificationRequested['data']);
}

/** Messages that are about no work item. */
const OF_ALL_AGENTS = [
  ...['budget-reached', 'agents-parked', 'disk-nearly-full', 'reaper-stands-back'],
  ...['webhooks-missed', 'webhooks-heard'],
];

const SELF = { ...TASK, repo: 'orchestrator' };

const WORDED = [
  ...requested(notifierSaga, 'WorkFailed', { ...SELF, ...WORK, repo: 'orchestrator', stage: 'deploy' }),
  ...Object.entries(HEARD).flatMap(([type, data]) => requested(notifierSaga, type, data)),
  ...requested(mergeLeaseNewsSaga, 'MergeLeaseReclaimed', RECLAIMED),
  ...requested(landingSaga, 'ArtifactsMergeRefused', { ...TASK, reason: 'conflict in a.md' }),
  ...HEARD_AFTERWARDS.flatMap(([type, data]) => requested(postDeployNewsSaga, type, data)),
  standsBack({ dead: 5, all: 6, path: '/data' }),
  nearlyFull({ dataDir: '/data', alertPercent: 85 }, { freeBytes: 1024 ** 3, usedPercent: 90 }),
].filter(({ channel }) => channel !== 'item-status');

describe('the message catalogue', () => {
  test('every event that the notifier hears is tried here', () => {
    expect(Object.keys(HEARD).sort()).toEqual([...notifierSaga.types].sort());
    expect([...new Set(HEARD_AFTERWARDS.map(([type]) => type))]).toEqual(postDeployNewsSaga.types);
  });

  test('all languages have the same messages', () => {
    expect(Object.keys(CATALOGUES.ru).sort()).toEqual(Object.keys(CATALOGUES.en).sort());
  });

  test('a message names the same parameters in all languages', () => {
    const params = (locale: Locale) =>
      Object.entries(CATALOGUES[locale])
        .map(([key, template]) => [key, paramsOf(template)])
        .sort();
    expect(params('ru')).toEqual(params('en'));
  });

  test('whatever is asked for can be said in every language, and no message is there for nobody', () => {
    expect([...new Set(WORDED.map(({ message }) => message))].sort()).toEqual(Object.keys(CATALOGUES.en).sort());
    for (const locale of LOCALES)
      for (const { message, params } of WORDED) {
        const text = messagesIn(locale).text(message, params);
        if (!OF_ALL_AGENTS.includes(message)) expect(text).toContain('ET-001');
        expect(text).not.toMatch(/[{}]/);
      }
  });

  test.each(LOCALES)('a request to confirm (%s) names Confirm Deploy and never tells to set Approved', (locale) => {
    const shown = { head: 'aaa111', tree: 'tree-1', base: 'main-1', verdicts: 'check_ci_green passed: CI green' };
    const text = messagesIn(locale).text('confirmation-requested', { workItem: 'ET-001', ...shown });
    expect(text).toMatch(/^🟡 ET-001/);
    expect(text).toContain('Confirm Deploy');
    expect(text).toMatch(/Approved (does not deploy|ничего не выкладывает)\.$/);
    expect(text).not.toMatch(/(set|move|to|в|статус) Approved(?! ничего)/);
  });

  test('a parameter is taken as it is, also when it looks like a placeholder or a replacement pattern', () => {
    const params = { workItem: 'ET-001', from: '{to} $& $1', to: 'review' };
    expect(messagesIn('en').text('stage-moved', params)).toBe('➡️ ET-001: {to} $& $1 → review');
  });

  test('an unknown message is a fault that lists the known ones', () => {
    expect(() => messagesIn('ru').text('stage-moove', {})).toThrow(
      /^The message catalogue \(ru\) has no "stage-moove", only stage-moved, /,
    );
    expect(() => messagesIn('en').text('toString', {})).toThrow('has no "toString"');
  });

  test('a missing parameter is a fault that names message and parameter', () => {
    expect(() => messagesIn('en').text('stage-moved', { workItem: 'ET-001', from: 'review' })).toThrow(
      'The message "stage-moved" needs the parameter to, it was given workItem, from',
    );
  });
});
