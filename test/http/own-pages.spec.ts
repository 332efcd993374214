import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Doors } from '../support/doors.js';

const FREEZE = '/serial-gate/freeze?repo=shop';

describe('Without a token, a page in the operator’s browser', () => {
  let doors: Doors;

  beforeAll(async () => {
    doors = await Doors.open({}, [{ repo: 'shop', prefix: 'SHOP' }]);
  });
  afterAll(() => doors.close());

  test('of somebody else changes nothing', async () => {
    const { status, body } = await doors.post(FREEZE, { reason: 'not ours' }, { origin: 'https://elsewhere.example' });
    expect(status).toBe(403);
    expect(body.error.code).toBe('foreign-origin');
  });

  test('that names no origin of its own changes nothing either', async () => {
    expect((await doors.post(FREEZE, { reason: 'not ours' }, { origin: 'null' })).status).toBe(403);
  });

  test('of our own may act, and so may whoever is no browser', async () => {
    const own = await doors.post(FREEZE, { reason: 'ours' }, { origin: doors.url });
    const program = await doors.post(FREEZE, { reason: 'a program' });
    expect([own.status, program.status].every((status) => status < 300)).toBe(true);
  });

  test('of somebody else may be answered what anybody may read', async () => {
    expect((await doors.get('/status', { origin: 'https://elsewhere.example' })).status).toBe(200);
  });
});
