import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkItem } from '../../support/running/work-item.js';
import { World } from '../../support/running/world.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

const SCENARIO_MS_MAX = 240_000;
const settings: Record<string, string> = { ORCH_RECONCILE_CONFIRM_ENABLED: 'false' };

let world: World;
let item: WorkItem;

/** A person has the last word before production, and the tracker tells nobody what that person does. */
beforeAll(async () => {
  world = await World.start(await folder(), settings, { confirm: 'human' });
  await world.sandbox.fault('tracker', 'loseWebhooks', Infinity);
  item = await world.startItem('Confirmed unheard');
  await item.isApproved();
}, SCENARIO_MS_MAX);
afterAll(() => world.end(), SCENARIO_MS_MAX);
const folder = temporaryFolders();

async function productionRequests(): Promise<number> {
  return (await item.events('DeployRequested')).filter(({ data }) => data.environment === 'production').length;
}

describe('Confirm Deploy whose webhook is lost', () => {
  test(
    'starts nothing where ORCH_RECONCILE_CONFIRM_ENABLED is false, and the operators are told [RC-14]',
    async () => {
      await item.happens('ConfirmationSent');
      await item.moveTo('Confirm Deploy');
      const { data } = await item.happens('GestureIgnored');
      expect(data.reason).toBe('a poll found it, and ORCH_RECONCILE_CONFIRM_ENABLED is false');
      await item.happens(
        'NotificationDelivered',
        ({ channel, text }) => channel === 'chat' && text.includes(data.reason),
      );
      expect(await item.events('MergeRequested')).toEqual([]);
    },
    SCENARIO_MS_MAX,
  );

  test(
    'starts production once where it is true, because the reconciler finds what a person did [RC-14, INV-24]',
    async () => {
      await world.kill();
      settings.ORCH_RECONCILE_CONFIRM_ENABLED = 'true';
      await world.restart();
      await item.moveTo('In Review');
      await item.happens('StatusEntered', ({ toKey, ours, via }) => toKey === 'in_review' && !ours && via === 'poll');
      expect(await item.events('DeployConfirmed')).toEqual([]);
      await item.moveTo('Confirm Deploy');
      await item.reaches('done');
      const told = (await item.events('StatusEntered')).filter(({ data }) => data.toKey === 'confirm_deploy');
      expect(told.map(({ data }) => data.via)).toEqual(['poll', 'poll']);
      expect(await item.events('DeployConfirmed')).toHaveLength(1);
      expect(await productionRequests()).toBe(1);
    },
    SCENARIO_MS_MAX,
  );
});
