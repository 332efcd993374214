import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Batch, type Fact } from '../support/batch/batch.js';
import { Order } from '../support/batch/order.js';
import { randomFrom } from '../support/running/moments.js';
import { World } from '../support/running/world.js';
import { temporaryFolders } from '../support/temporary-folder.js';

const BATCH_MS_MAX = 360_000;
const PROJECTS = [
  { prefix: 'ALP', repo: 'alpha' },
  { prefix: 'BET', repo: 'beta' },
  { prefix: 'GAM', repo: 'gamma' },
];
const SETTINGS = { ORCH_MAX_CONCURRENCY: '3' };
const WAITS_FOR = new Map([
  ['ALP-001', 'ALP-003'],
  ['BET-002', 'GAM-001'],
]);

const folder = temporaryFolders();

describe('twelve work items in three repositories, with agents of random length', () => {
  let world: World;
  let batch: Batch;
  let events: readonly Fact[];

  beforeAll(async () => {
    world = await World.start(await folder(), SETTINGS, { projects: PROJECTS, confirm: null });
    batch = new Batch(world);
    await play(batch);
    events = await batch.events();
  }, BATCH_MS_MAX);

  afterAll(async () => {
    await batch?.end();
    await world?.end();
  }, BATCH_MS_MAX);

  /** A freeze, two dependencies, two pauses and a cancel, while the batch runs. */
  async function play(items: Batch): Promise<void> {
    const random = randomFrom(7);
    const freeze = ['freeze', 'alpha', '--reason', 'maintenance', '--actor', 'maria', '--url', world.service.url];
    expect(await items.cli(...freeze)).toMatchObject({ exitCode: 0 });
    for (let index = 1; index <= 4; index += 1) {
      for (const { prefix, repo } of PROJECTS) {
        const endless = `${prefix}-${index}` === 'GAM-2' ? '[[analyst: sleep 120s]]' : '';
        await items.create(repo, `Item ${index} of ${repo}`, `[[sleep: ${Math.floor(random() * 500)}ms]] ${endless}`);
      }
    }
    await items.blockedBy('BET-002', 'GAM-001');
    items.approveAll();
    await Promise.all([items.startAll(), alpha(items), beta(items), gamma(items)]);
    const done = ['ALP', 'BET', 'GAM'].flatMap((prefix) => [1, 2, 3, 4].map((index) => `${prefix}-00${index}`));
    for (const item of done) await items.happens('TaskRetired', item, BATCH_MS_MAX);
  }

  /** The head waits for the third: it yields, and nobody is locked out. */
  async function alpha(items: Batch): Promise<void> {
    for (const item of ['ALP-001', 'ALP-002', 'ALP-003', 'ALP-004']) await items.happens('JobHeld', item);
    expect((await items.post('/tasks/ALP-1/dependencies', { depends_on: 'ALP-3' })).status).toBe(201);
    expect((await items.post('/tasks/ALP-3/dependencies', { depends_on: 'ALP-1' })).status).toBe(409);
    expect(await (await items.post('/serial-gate/unfreeze?repo=alpha')).json()).toEqual({ repo: 'alpha', cleared: 1 });
  }

  async function beta(items: Batch): Promise<void> {
    await items.happens('JobClaimed', 'BET-001');
    expect(await (await items.post('/serial-gate/pause?work_item=BET-1')).json()).toMatchObject({ changed: true });
    await items.happens('JobClaimed', 'BET-003');
    expect(await (await items.post('/serial-gate/resume?work_item=BET-1')).json()).toMatchObject({ changed: true });
  }

  async function gamma(items: Batch): Promise<void> {
    await items.happens('TaskEnlisted', 'GAM-003');
    expect(await (await items.post('/serial-gate/pause?work_item=GAM-003')).json()).toMatchObject({ changed: true });
    await items.happens('RunStarted', 'GAM-002');
    expect(await (await items.post('/tasks/GAM-002/cancel')).json()).toMatchObject({ cancelled: true, changed: true });
    await items.happens('RunStopped', 'GAM-002');
    await items.happens('JobClaimed', 'GAM-004');
    expect(await (await items.post('/serial-gate/resume?work_item=GAM-003')).json()).toMatchObject({ changed: true });
  }

  test('all end, the cancelled one as cancelled', () => {
    const ends = events.filter(({ type, data }) => type === 'TaskCancelled' || data.to === 'done');
    const how = (type: string) =>
      ends.filter((event) => event.type === type).map(({ data }) => data.workItem as string);
    expect(how('TaskCancelled')).toEqual(['GAM-002']);
    expect(new Set(how('TaskAdvanced')).size).toBe(11);
  });

  test('keep the order of their repositories, the freeze, the dependencies, the pauses and the slots', () => {
    const order = new Order(WAITS_FOR);
    for (const event of events) order.apply(event);
    expect(order.violations).toEqual([]);
    expect(order.runningMax).toBeGreaterThan(1);
    expect(order.runningMax).toBeLessThanOrEqual(3);
  });

  test('go ahead of a head that waits, and the head follows', () => {
    const first = events.filter(({ type, data }) => type === 'TaskAdmitted' && data.repo === 'alpha');
    expect(first.map(({ data }) => data.workItem)).toEqual(['ALP-002', 'ALP-003', 'ALP-001', 'ALP-004']);
  });

  test('tell every wait in their own timelines, with the reasons that why gives for that moment', async () => {
    const held = events.filter(({ type }) => type === 'JobHeld');
    const codes = new Set(held.flatMap(({ data }) => data.reasons.map(({ code }: { code: string }) => code)));
    expect([...codes].sort()).toEqual(['active-task', 'dependency', 'freeze', 'paused']);
    for (const { data, metadata } of held) expect(metadata.$correlationId).toBe(data.workItem);
    for (const claim of events.filter(({ type, data }) => type === 'JobClaimed' && data.agent === 'analyst')) {
      const story = events.filter(({ data, position }) => data.jobId === claim.data.jobId && position < claim.position);
      const said = story.filter(({ type }) => type === 'JobHeld' || type === 'JobReleased').at(-1);
      expect(said?.type).toBe('JobReleased');
    }
    for (const one of held.filter((_, index) => index % 5 === 0)) {
      const { workItem, reasons } = one.data;
      const why = await batch.get(`/tasks/${workItem}/why?at=${one.position}`);
      // That every slot is taken is nothing that admission says; it may be so at that moment as well.
      const byAdmission = why.reasons.filter(({ code }: Fact['data']) => code !== 'slot');
      expect(byAdmission.map(({ code, ref }: Fact['data']) => [code, ref])).toEqual(
        reasons.map(({ code, ref }: Fact['data']) => [code, ref]),
      );
      for (const { position } of why.reasons) expect(position).toBeLessThanOrEqual(one.position);
    }
  });

  test('are explained on the command line, from a log that nobody serves', async () => {
    const [held] = events.filter(({ type, data }) => type === 'JobHeld' && data.workItem === 'ALP-001');
    const then = await batch.cli('why', 'ALP-1', '--at', String(held?.position), '--db', world.logPath, '--json');
    expect([then.exitCode, then.stdout, then.stderr]).toEqual([1, expect.any(String), '']);
    expect(JSON.parse(then.stdout)).toMatchObject({
      ...{ work_item: 'ALP-001', waiting: true },
      reasons: [{ code: 'freeze', ref: 'alpha', actor: 'operator:maria', position: expect.any(Number) }],
    });
    const now = await batch.cli('why', 'ALP-001', '--db', world.logPath);
    expect(now).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('nothing holds it') });
  });
});
