import { afterEach, describe, expect, test } from '@jest/globals';
import { nameOf, statusIdOf, statusKeyOf } from '../../../src/effects/inbox/statuses.js';
import type { PlaneTracker } from '../../../src/integrations/plane/plane-tracker.js';
import { TrackerUnavailable } from '../../../src/integrations/tracker.js';
import type { PlayedServer } from '../played-server.js';
import { asking, broken, failure, page } from './asking.js';

const APPROVED = { id: 'a5190000-0000-4000-8000-000000000000', name: 'Approved', group: 'started' };
const CONFIRM = { id: 'cfd00000-0000-4000-8000-000000000059', name: 'Confirm Deploy', group: 'started' };
let server: PlayedServer;
afterEach(() => server?.close());

async function trackerThatAnswers(...how: Parameters<typeof asking>): Promise<PlaneTracker> {
  const opened = await asking(...how);
  server = opened.server;
  return opened.tracker;
}

describe('the status Confirm Deploy', () => {
  test('is named exactly so, and a name that is only similar is not it [ORCH-059 TC-01a, CD-01]', () => {
    expect(nameOf('confirm_deploy', {})).toBe('Confirm Deploy');
    expect(statusKeyOf([CONFIRM], CONFIRM.id, {})).toBe('confirm_deploy');
    for (const name of ['Confirm deploy', 'Confirm  Deploy', 'ConfirmDeploy', ' Confirm Deploy'])
      expect(statusKeyOf([{ ...CONFIRM, name }], CONFIRM.id, {})).toBeNull();
  });

  test('has no id of its own where a project lacks it [ORCH-059 TC-01b, CD-02, CD-14, PS-05]', () => {
    expect(statusIdOf([], 'confirm_deploy', {})).toBeNull();
    expect(statusKeyOf([], CONFIRM.id, {})).toBeNull();
  });

  test('is another one than Approved [ORCH-059 TC-02, CD-05]', async () => {
    const inProgress = { id: 'in-progress', name: 'In Progress', group: 'started' };
    const tracker = await trackerThatAnswers(() => page([inProgress, APPROVED, CONFIRM]));
    const statuses = await tracker.statuses('p');
    expect(statusIdOf(statuses, 'confirm_deploy', {})).toBe(CONFIRM.id);
    expect(statusIdOf(statuses, 'approved', {})).toBe(APPROVED.id);
    expect(statusKeyOf(statuses, APPROVED.id, {})).toBe('approved');
  });

  test('is not made up while the tracker cannot be asked, and a refused look-up is not kept [ORCH-059 TC-03a, PS-04]', async () => {
    let answer = broken;
    const tracker = await trackerThatAnswers(() => answer);
    expect(await failure(tracker.statuses('p'))).toBeInstanceOf(TrackerUnavailable);
    answer = page([APPROVED]);
    expect(statusIdOf(await tracker.statuses('p'), 'confirm_deploy', {})).toBeNull();
  });

  test('is absent from a board without it, on which Approved is found as ever [ORCH-059 TC-03b, PS-03]', async () => {
    const tracker = await trackerThatAnswers(() => page([APPROVED]));
    const statuses = await tracker.statuses('p');
    expect(statusIdOf(statuses, 'confirm_deploy', {})).toBeNull();
    expect(statusIdOf(statuses, 'approved', {})).toBe(APPROVED.id);
  });
});
