import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NotificationDelivered } from '../../src/domain/notification/events.js';
import { isAlive } from '../../src/queue/supervisor/process-identity.js';
import { processesOf } from '../../src/queue/supervisor/run-processes.js';
import { World } from '../support/running/world.js';
import { temporaryFolders } from '../support/temporary-folder.js';

const SCENARIO_MS_MAX = 180_000;
type Told = NotificationDelivered['data'];

let world: World;

beforeAll(async () => {
  const env = { ORCH_SERIAL_GATE_ENABLED: 'false', ORCH_MAX_CONCURRENCY: '2', ORCH_AGENT_KILL_GRACE_S: '1' };
  world = await World.start(await folder(), env);
}, SCENARIO_MS_MAX);
afterAll(() => world.end(), SCENARIO_MS_MAX);
const folder = temporaryFolders();

const commented = (words: string) => (told: Told) => told.channel === 'item-comment' && told.text.includes(words);

describe('what a person does to the item', () => {
  test(
    'Approved too early is answered with what is missing, and does not count later',
    async () => {
      const item = await world.startItem('Hasty', '[[analyst: sleep 3s]]');
      await item.happens('RunStarted');
      await item.moveTo('Approved');
      await item.happens('NotificationDelivered', commented('the analyst has not finished'));
      await item.happens('NotificationDelivered', ({ text }) => text === 'In Review', 'approval is asked for');
      expect(await item.course()).toEqual(['analysis']);
      await item.isApproved();
      await item.reaches('architecture');
      await item.moveTo('Cancelled');
      await item.happens('WorktreeRemoved');
    },
    SCENARIO_MS_MAX,
  );

  test(
    'Rejected on analysis lets the analyst run again, with the comments; later it ends the work and costs a retry',
    async () => {
      const item = await world.startItem('Twice refused', '[[reviewer: sleep 20s]]');
      await item.happens('NotificationDelivered', ({ text }) => text === 'In Review', 'approval is asked for');
      await item.comment('Please name the promotion.');
      await item.moveTo('Rejected');
      const again = await item.happensTimes('WorkRequested', 2);
      expect(again.data).toMatchObject({ stage: 'analysis', role: 'analyst', round: 2 });
      expect(again.data.feedback.join()).toContain('Please name the promotion.');
      await item.happensTimes('ApprovalRequested', 2);
      await item.moveTo('Approved');
      const job = await item.happens('JobQueued', ({ agent }) => agent === 'reviewer', 'the review begins');
      const reviewing = await item.happens('RunStarted', ({ jobId }) => jobId === job.data.jobId);
      await item.moveTo('Rejected');
      const back = await item.happens('TaskSentBack');
      expect(back.data).toMatchObject({ from: 'review', to: 'development', retries: 1 });
      expect(back.data.reason).toMatch(/^rejected by plane:/);
      await item.happens('RunStopped');
      expect(isAlive(reviewing.data)).toBe('dead');
      await item.moveTo('Cancelled');
      await item.happens('WorktreeRemoved');
    },
    SCENARIO_MS_MAX,
  );

  test(
    'Cancelled ends the agent and whatever it started, though it is deaf to signals, and takes the worktree away',
    async () => {
      const item = await world.startItem('Stop it', '[[analyst: deaf]]');
      const { data } = await item.happens('RunStarted');
      const worktree = join(world.dataDir, 'worktrees', world.sandbox.coordinates.repo, item.name);
      expect(existsSync(worktree)).toBe(true);
      expect(processesOf(data.runId, data.pid)).not.toEqual([]);
      await item.moveTo('Cancelled');
      await item.happens('RunStopped');
      expect(processesOf(data.runId, data.pid)).toEqual([]);
      await item.happens('WorktreeRemoved');
      expect(existsSync(worktree)).toBe(false);
      expect(await item.task('stage')).toEqual({ stage: 'cancelled' });
      expect(await item.course()).toEqual(['analysis']);
    },
    SCENARIO_MS_MAX,
  );
});

describe('an agent that breaks off', () => {
  test(
    'once gets a second attempt, and nobody has to know',
    async () => {
      const item = await world.startItem('Second attempt', '[[analyst: crash once]]');
      await item.isApproved();
      const runs = await item.task('runs { attempt outcome exitCode } jobs { attempts status agent }');
      expect(runs.runs.map(({ exitCode }: { exitCode: number }) => exitCode).sort()).toEqual([0, 1]);
      expect(await item.events('JobQueued')).not.toHaveLength(0);
      expect(await item.events('WorkFailed')).toEqual([]);
      await item.moveTo('Cancelled');
      await item.happens('WorktreeRemoved');
    },
    SCENARIO_MS_MAX,
  );

  test(
    'whose work holds a credential has it refused, and the next attempt is told where (ORCH-22)',
    async () => {
      const item = await world.startItem('Indiscreet', '[[analyst: leak once]]');
      const refused = await item.happens('JobRequeued');
      expect(refused.data.reason).toContain(`a credential (github) in docs/work-items/${item.name}/notes.md, line 1`);
      await item.happensTimes('RunStarted', 2);
      await item.isApproved();
      const [, second] = await item.events('RunStarted');
      const brief = await readFile(join(world.dataDir, second?.data.runDirectory ?? '', 'input', 'brief.md'), 'utf8');
      expect(brief).toContain('The attempt before this one came to nothing');
      expect(brief).toContain('notes.md, line 1');
      await item.moveTo('Cancelled');
      await item.happens('WorktreeRemoved');
    },
    SCENARIO_MS_MAX,
  );

  test(
    'twice has failed: the item is Blocked with the reason, and In Progress starts it again',
    async () => {
      const item = await world.startItem('Hopeless', '[[analyst: crash twice]]');
      const failed = await item.happens('WorkFailed');
      expect(failed.data.stage).toBe('analysis');
      expect((await item.events('JobClaimed')).map(({ data }) => data.attempt)).toEqual([1, 2]);
      await item.happens('NotificationDelivered', ({ text }) => text === 'Blocked', 'the item is moved to Blocked');
      await item.happens('NotificationDelivered', commented(failed.data.reason));
      const inChat = ({ channel, text }: Told) => channel === 'chat' && text.includes(failed.data.reason);
      await item.happens('NotificationDelivered', inChat);
      await item.moveTo('In Progress');
      await item.happens('TaskRestarted');
      await item.happens('JobClaimed', ({ jobId }) => jobId > failed.position);
    },
    SCENARIO_MS_MAX,
  );
});
