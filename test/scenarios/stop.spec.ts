import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isAlive } from '../../src/queue/supervisor/process-identity.js';
import { World } from '../support/running/world.js';
import { temporaryFolders } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

const SCENARIO_MS_MAX = 180_000;
const STOP_MS_MAX = 5_000;
const folder = temporaryFolders();
let world: World;

beforeEach(async () => {
  world = await World.start(await folder());
}, SCENARIO_MS_MAX);
afterEach(() => world.end(), SCENARIO_MS_MAX);

test(
  'a service that is asked to stop goes within seconds, leaves its agent at work, and the next one takes it up again',
  async () => {
    const item = await world.startItem('Outlive the service', '[[analyst: sleep 8s]]');
    const started = await item.happens('RunStarted');
    const askedAt = Date.now();
    await world.service.stop('SIGTERM');
    expect(world.service.process.exitCode).toBe(0);
    expect(Date.now() - askedAt).toBeLessThan(STOP_MS_MAX);
    expect(isAlive(started.data)).toBe('alive');
    await world.restart();
    await item.isApproved();
    await item.reaches('architecture');
    const runs = (await item.events('RunStarted')).filter(({ data }) => data.jobId === started.data.jobId);
    expect(runs.map(({ data }) => data.pid)).toEqual([started.data.pid]);
    expect((await item.events('JobClaimed')).filter(({ data }) => data.agent === 'analyst')).toHaveLength(1);
    expect((await item.events('RunEnded'))[0]?.data).toMatchObject({ runId: started.data.runId, failure: null });
  },
  SCENARIO_MS_MAX,
);

test(
  'an agent that ends while no service runs is found ended, and its work is taken over',
  async () => {
    const item = await world.startItem('End alone', '[[analyst: sleep 2s]]');
    const started = await item.happens('RunStarted');
    await world.service.stop('SIGTERM');
    await until(() => isAlive(started.data) === 'dead', 'the agent has ended by itself', 15_000);
    await world.restart();
    await item.isApproved();
    expect(await item.events('JobClaimed')).toHaveLength(1);
  },
  SCENARIO_MS_MAX,
);
