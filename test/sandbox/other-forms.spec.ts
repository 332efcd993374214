import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readGiteaDelivery } from '../../src/integrations/gitea/gitea-delivery.js';
import { readPlaneDelivery } from '../../src/integrations/plane/plane-delivery.js';
import { PlaneTracker } from '../../src/integrations/plane/plane-tracker.js';
import { TrackerUnavailable } from '../../src/integrations/tracker.js';
import { SandboxInTest } from '../support/sandbox/sandbox-in-test.js';
import { until } from '../support/until.js';
import { WorkingCopy } from '../support/sandbox/working-copy.js';

let world: SandboxInTest;
let copy: WorkingCopy | null = null;

beforeEach(async () => {
  world = await SandboxInTest.start({ retry: { delayMs: 20 } });
});
afterEach(async () => {
  await world.end();
  await copy?.remove();
  copy = null;
});

describe('a tracker of another edition', () => {
  test('sends webhooks of version 2, which prove a change of status as those of version 1 do', async () => {
    const { tracker, asPerson, accounts } = world.sandbox;
    tracker.webhookVersion(2);
    const { itemId } = await asPerson.createItem('Version 2');
    await asPerson.setStatus(itemId, 'Approved');
    const moved = () => world.webhooks('workitem.updated', 'x-plane-event')[0];
    await until(() => moved() !== undefined, 'the webhook arrives');
    const body = moved()?.body;
    expect(body).toMatchObject({ version: 'v2', event_id: expect.any(String), entity_id: itemId });
    expect(readPlaneDelivery(body)).toMatchObject({
      ...{ kind: 'item-changed', itemId },
      statusChange: {
        ...{ fromId: await world.statusId('Backlog'), toId: await world.statusId('Approved') },
        ...{ actorId: accounts.trackerPersonId, at: expect.stringMatching(/Z$/) },
      },
    });
  });
});

describe('a forge with actions', () => {
  test('tells of the run and of its job, beside the status of the commit', async () => {
    const { forgeUrl, owner, repo, tokens } = world.sandbox;
    copy = await WorkingCopy.clone(`${forgeUrl}/${owner}/${repo}.git`, tokens.forgeBot);
    const head = await copy.pushBranch('told', { 'src/told.js': 'export const told = true;\n' });
    const completed = (event: string) => world.webhooks(event).find(({ body }) => body['action'] === 'completed');
    await until(() => completed('workflow_run') !== undefined, 'the run is told of', 30_000);
    for (const event of ['workflow_run', 'workflow_job']) {
      const says = readGiteaDelivery({ event, eventType: event }, completed(event)?.body, owner);
      expect(says).toMatchObject({ kind: 'checks-changed', repo, sha: head });
    }
  });
});

describe('a tracker that misbehaves', () => {
  const client = () => {
    const { trackerUrl: url, workspace, tokens } = world.sandbox;
    const access = { url, workspace, token: tokens.trackerBot, rateLimitPerMin: 6_000 };
    return new PlaneTracker({ ...access, timeoutMs: 300 });
  };

  test('answers with a web page: that is no list, and nothing is gone', async () => {
    const { tracker, projectId, asPerson } = world.sandbox;
    const { itemId } = await asPerson.createItem('Still there');
    tracker.faults.talkNonsense(2);
    await expect(client().statuses(projectId)).rejects.toBeInstanceOf(TrackerUnavailable);
    await expect(client().workItem(projectId, itemId)).rejects.toBeInstanceOf(TrackerUnavailable);
    expect(await client().workItem(projectId, itemId)).toMatchObject({ itemId });
  });

  test('takes its time: whoever waits gives up, and comes again', async () => {
    const { tracker, projectId } = world.sandbox;
    tracker.faults.slow(5_000);
    await expect(client().statuses(projectId)).rejects.toThrow(/nothing within 300 ms/);
    tracker.faults.slow(0);
    expect(await client().statuses(projectId)).not.toEqual([]);
  });
});
