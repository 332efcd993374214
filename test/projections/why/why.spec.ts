import { beforeEach, describe, expect, test } from '@jest/globals';
import { InMemoryEventLog } from '../../../src/event-log/in-memory/in-memory-event-log.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { whyAt } from '../../../src/projections/why/why-at.js';
import type { Why } from '../../../src/projections/why/why.js';
import { policyWith, type PolicyOverrides } from '../../support/policy.js';
import { seed } from '../../support/seed.js';
import { TaskStory } from '../../support/task-story.js';

const REPO = 'enduro-trails';
const ADMISSION = `admission-${REPO}`;
const COMMIT = { head: 'c0ffee', codeTree: '7ree' };

let log: InMemoryEventLog;
let story: TaskStory;

beforeEach(async () => {
  log = new InMemoryEventLog();
  story = new TaskStory(log);
  await story.open();
});

async function why(overrides: PolicyOverrides = {}, at?: number): Promise<Why> {
  const found = await whyAt(log, story.workItem, at ?? (await log.head()), policyWith(overrides));
  if (!found) throw new Error(`No task of ${story.workItem}`);
  return found;
}

function admission(type: string, data: object, actor = 'operator:maria'): Promise<RecordedEvent> {
  const { taskId, workItem } = story;
  return seed(log, { stream: ADMISSION, type, data: { repo: REPO, taskId, workItem, ...data }, actor, workItem });
}

function held(job: RecordedEvent, ...reasons: readonly object[]): Promise<RecordedEvent> {
  const { jobId } = job.data as { jobId: number };
  return admission('JobHeld', { jobId, reasons }, 'policy:serial-gate');
}

async function requeued(job: RecordedEvent, availableAt: string): Promise<RecordedEvent> {
  const { jobId } = job.data as { jobId: number };
  const { taskId, workItem } = story;
  const about = { jobId, taskId, workItem, repo: REPO, agent: 'analyst', fence: 1 };
  return story.job(job, 'JobRequeued', {
    ...about,
    ...{ reason: 'overloaded', attempts: 0, transientAttempts: 1, availableAt },
  });
}

async function runs(job: RecordedEvent): Promise<RecordedEvent> {
  const { taskId } = story;
  return story.job(job, 'JobClaimed', { ...job.data, taskId, runId: `run-${taskId}`, attempt: 1, worker: 'here' });
}

describe('a task whose agent runs', () => {
  test('waits for nothing, and the end of the run comes next', async () => {
    await runs(await story.queueJob());
    const answer = await why();
    expect(answer).toMatchObject({ work_item: 'ET-001', stage: 'analysis', waiting: false, reasons: [] });
    expect(answer.next).toMatch(/^the analyst \(job \d+\) ends/);
  });
});

describe('a queued job', () => {
  test('that nothing holds waits for nothing', async () => {
    await story.queueJob();
    expect(await why()).toMatchObject({ waiting: false, reasons: [], next: expect.stringMatching(/starts$/) });
  });

  test('is held by a freeze with the event that froze the repository and the person who did it', async () => {
    const job = await story.queueJob();
    const frozen = await admission('RepoFrozen', {
      ...{ causeId: 'c-1', reason: 'audit', by: 'operator:maria', since: '2026-01-01T00:00:00.000Z', workItem: null },
    });
    await held(job, {
      ...{ code: 'freeze', ref: REPO, since: '2026-01-01T00:00:00.000Z', actor: 'operator:maria' },
      clearsWhen: `an operator unfreezes ${REPO} (audit)`,
    });
    expect((await why()).reasons).toEqual([
      {
        ...{ code: 'freeze', ref: REPO, since: '2026-01-01T00:00:00.000Z', actor: 'operator:maria' },
        ...{ position: frozen.position, clearsWhen: `an operator unfreezes ${REPO} (audit)` },
      },
    ]);
  });

  test('is held by a dependency with the event that declared it, and by another task with the one that asked for that', async () => {
    const other = new TaskStory(log, 'ET-002');
    await other.open();
    const job = await story.queueJob();
    const since = '2026-01-01T00:00:00.000Z';
    const declared = await admission('DependencyDeclared', {
      ...{ dependsOn: 'ET-009', since, by: 'operator:maria', ended: false },
    });
    await held(
      job,
      { code: 'dependency', ref: 'ET-009', since, actor: 'operator:maria', clearsWhen: 'ET-009 is done or cancelled' },
      { code: 'active-task', ref: 'ET-002', since, actor: null, clearsWhen: 'ET-002 is done, cancelled or paused' },
    );
    const { waiting, reasons } = await why();
    expect(waiting).toBe(true);
    expect(reasons.map(({ code, ref, position }) => [code, ref, position])).toEqual([
      ['dependency', 'ET-009', declared.position],
      ['active-task', 'ET-002', other.taskId],
    ]);
  });

  test('of a paused task waits for the operator, whatever its role, unless the pause layer is off', async () => {
    await story.advance('development');
    await story.queueJob('developer');
    const paused = await admission('TaskPaused', { by: 'operator:maria', since: '2026-01-01T00:00:00.000Z' });
    expect((await why()).reasons).toEqual([
      {
        ...{ code: 'paused', ref: 'ET-001', since: paused.recordedAt, position: paused.position },
        ...{ actor: 'operator:maria', clearsWhen: 'an operator resumes ET-001' },
      },
    ]);
    expect((await why({ serialGate: { pauseEnabled: false } })).waiting).toBe(false);
  });

  test('that is backed off waits for its time, with the failure that sent it there', async () => {
    const job = await story.queueJob();
    await runs(job);
    const back = await requeued(job, '2999-01-01T00:00:00.000Z');
    const [reason] = (await why()).reasons;
    expect(reason).toMatchObject({ code: 'back-off', position: back.position });
    expect(reason?.clearsWhen).toBe('2999-01-01T00:00:00.000Z is reached (after: overloaded)');
  });

  test('whose back-off is over waits for nothing', async () => {
    const job = await story.queueJob();
    await runs(job);
    await requeued(job, '2000-01-01T00:00:00.000Z');
    expect((await why()).waiting).toBe(false);
  });

  test('waits for a slot while as many run as may, and is told which', async () => {
    const other = new TaskStory(log, 'ET-002');
    await other.open();
    const theirs = await other.queueJob('developer');
    const data = { ...theirs.data, taskId: other.taskId, runId: 'run-2', attempt: 1, worker: 'here' };
    const claimed = await other.job(theirs, 'JobClaimed', data);
    await story.queueJob();
    const { reasons } = await why({ maxConcurrency: 1 });
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatchObject({ code: 'slot', position: claimed.position, ref: theirs.stream });
    expect(reasons[0]?.clearsWhen).toContain('developer of ET-002');
    expect((await why({ maxConcurrency: 2 })).waiting).toBe(false);
  });
});

describe('a task without a job', () => {
  const ref = () => ({ taskId: story.taskId, workItem: story.workItem, repo: REPO, visit: story.visit });

  test('waits for the person who was asked to approve', async () => {
    await story.work();
    const asked = await story.task('ApprovalRequested', { ...ref(), stage: 'analysis' });
    const { reasons, next } = await why();
    expect(reasons).toMatchObject([{ code: 'approval', position: asked.position }]);
    expect(next).toBe('architecture begins');
    await story.advance('architecture');
    expect((await why()).waiting).toBe(false);
  });

  test('waits for the person who was asked to confirm the deploy', async () => {
    await story.advance('deploy');
    const asked = await story.task('ConfirmationRequested', { ...ref(), commit: COMMIT, pullRequest: 7 });
    expect((await why()).reasons).toMatchObject([{ code: 'confirmation', position: asked.position }]);
    await story.task('DeployConfirmed', { visit: story.visit, commit: COMMIT, by: 'plane:maria' });
    await story.task('MergeRequested', { ...ref(), branch: 'b', pullRequest: 7, commit: COMMIT, title: 't' });
    expect((await why()).reasons).toMatchObject([{ code: 'merge' }]);
    await story.task('ChangeMerged', { visit: story.visit, pullRequest: 7, commit: COMMIT });
    expect((await why()).waiting).toBe(false);
  });

  test('waits for each gate that is not green, with its name and reason, until it is', async () => {
    await story.advance('development');
    await story.work('developer');
    const gate = { stage: 'development', visit: story.visit, gate: 'check_ci_green', evidence: {} };
    const red = await story.task('GateEvaluated', { ...gate, answer: 'absent', reason: 'no status yet' });
    const { reasons } = await why();
    expect(reasons).toMatchObject([{ code: 'gate', ref: 'check_ci_green', position: red.position }]);
    expect(reasons[0]?.clearsWhen).toContain('no status yet');
    await story.task('GateEvaluated', { ...gate, answer: 'passed', reason: 'success' });
    expect((await why()).waiting).toBe(false);
  });

  test('waits for a person when its work failed or it was escalated, until the work starts again', async () => {
    await story.work();
    const failed = await story.task('WorkFailed', {
      ...ref(),
      stage: 'analysis',
      round: 1,
      by: 'job-1',
      reason: 'boom',
    });
    expect((await why()).reasons).toMatchObject([{ code: 'failed', position: failed.position }]);
    await story.sendBack('tests are red', 4);
    const escalated = await story.task('TaskEscalated', { ...ref(), stage: 'development', reason: 'red', retries: 4 });
    expect((await why()).reasons).toMatchObject([{ code: 'escalated', position: escalated.position }]);
    await story.task('TaskRestarted', { ...ref(), stage: 'development', by: 'plane:maria' });
    await story.queueJob('developer');
    expect((await why()).waiting).toBe(false);
  });

  test('that has ended waits for nothing and comes to nothing', async () => {
    await story.advance('done');
    expect(await why()).toMatchObject({ stage: 'done', waiting: false, reasons: [], next: null });
  });
});

describe('the past', () => {
  test('is answered as it was then, under the settings of that time', async () => {
    await story.queueJob();
    await admission('TaskPaused', { by: 'operator:maria', since: '2026-01-01T00:00:00.000Z' });
    const then = await log.head();
    await admission('TaskResumed', { by: 'operator:maria' });
    expect((await why()).waiting).toBe(false);
    expect((await why({}, then)).reasons.map(({ code }) => code)).toEqual(['paused']);
    const values = policyWith({ serialGate: { pauseEnabled: false } });
    await seed(log, { stream: 'settings', type: 'SettingsChanged', data: { values, hash: 'h', version: '1' } });
    await admission('TaskPaused', { by: 'operator:maria', since: '2026-01-01T00:00:00.000Z' });
    expect((await why()).waiting).toBe(false);
    expect((await why({}, then)).waiting).toBe(true);
  });

  test('knows no task that was opened later', async () => {
    expect(await whyAt(log, 'ET-001', 0, policyWith({}))).toBeNull();
  });
});
