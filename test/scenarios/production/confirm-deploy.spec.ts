import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NotificationDelivered } from '../../../src/domain/notification/events.js';
import type { WorkItem } from '../../support/running/work-item.js';
import { World } from '../../support/running/world.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

const SCENARIO_MS_MAX = 240_000;
let world: World;
let item: WorkItem;

type Told = NotificationDelivered['data'];

/** The sandbox's own project is the self-hosting one: a person has the last word before production. */
beforeAll(async () => {
  world = await World.start(await folder(), {}, { confirm: 'human' });
  item = await world.startItem('Deployed by a person');
  await item.isApproved();
}, SCENARIO_MS_MAX);
afterAll(() => world.end(), SCENARIO_MS_MAX);
const folder = temporaryFolders();

async function productionRequests(): Promise<number> {
  return (await item.events('DeployRequested')).filter(({ data }) => data.environment === 'production').length;
}

async function freeze(verb: 'freeze' | 'unfreeze'): Promise<void> {
  const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"reason":"a drill"}' };
  const answer = await fetch(`${world.service.url}/serial-gate/${verb}?repo=sandbox`, options);
  expect(answer.ok).toBe(true);
}

describe('a work item whose production a person confirms', () => {
  test(
    'is asked for once, with what would be deployed, and nothing is merged [SC-14, TC-09]',
    async () => {
      await item.happens('ConfirmationSent');
      await item.happens('NotificationDelivered', ({ text }: Told) => text.includes('exactly this'));
      const { data } = await item.happens('ConfirmationRequested');
      expect(data).toMatchObject({ note: 'self-deploy-approval-pending', request: 1 });
      const asked = (await item.comments()).filter((text) => text.includes('Confirm Deploy'));
      expect(asked).toHaveLength(1);
      expect(asked[0]).toContain(data.commit.head);
      expect(await item.events('MergeRequested')).toEqual([]);
      expect(await item.status()).toBe('In Review');
    },
    SCENARIO_MS_MAX,
  );

  test(
    'is left alone by Approved, which is recorded [SC-15, TC-05, TC-11]',
    async () => {
      await item.moveTo('Approved');
      const { data } = await item.happens('GestureIgnored');
      expect(data).toMatchObject({ note: 'approved-on-deploy-noop', stage: 'deploy' });
      expect(await item.events('MergeRequested')).toEqual([]);
      expect(await productionRequests()).toBe(0);
    },
    SCENARIO_MS_MAX,
  );

  test(
    'waits while the repository is frozen although it is confirmed, and the operators are told',
    async () => {
      await freeze('freeze');
      await item.moveTo('Confirm Deploy');
      await item.happens('DeployConfirmed');
      const { data } = await item.happens('ProductionHeld');
      expect(data.reason).toBe('sandbox is frozen: a drill');
      expect(await item.events('ChangeMerged')).toEqual([]);
      expect(await productionRequests()).toBe(0);
    },
    SCENARIO_MS_MAX,
  );

  test(
    'is deployed once after the freeze, however often it is confirmed and whoever is killed meanwhile [SC-16, SC-17, TC-08, TC-10]',
    async () => {
      await item.moveTo('In Review');
      await item.moveTo('Confirm Deploy');
      await item.happens('GestureIgnored', ({ note }) => note === 'self-deploy-already-initiated');
      await freeze('unfreeze');
      await item.happens('DeployRequested', ({ environment }) => environment === 'production');
      await world.kill();
      await world.restart();
      await item.reaches('done');
      expect(await productionRequests()).toBe(1);
      const verdicts = (await item.events('DeployFinished')).filter(({ data }) => data.environment === 'production');
      expect(verdicts.map(({ data }) => data.verdict)).toEqual(['SUCCESS']);
      expect(await item.events('DeployConfirmed')).toHaveLength(1);
    },
    SCENARIO_MS_MAX,
  );

  test('tells its hook what ran there before, the next time', async () => {
    const [first] = (await item.events('DeployRequested')).filter(({ data }) => data.environment === 'production');
    expect(first?.data.previousRevision).toBeNull();
  });
});
