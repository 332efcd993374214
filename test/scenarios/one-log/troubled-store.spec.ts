import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ServerProcess } from '../../support/eventstore/server-process.js';
import { runTroubled, type TroubledRun } from '../../support/eventstore/troubled-run.js';
import { World } from '../../support/running/world.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

/** Twenty items and hundreds of troubles: test/bench/eventstore/troubled-log.ts. */
const ITEMS = 2;
const TROUBLE_EVERY_MS = 400;
const MS_MAX = 300_000;
const folder = temporaryFolders();

describe('a store of the log that is cut off and restarted again and again', () => {
  let server: ServerProcess;
  let world: World;
  let run: TroubledRun;

  beforeAll(async () => {
    server = await ServerProcess.start();
    const projects = ['a', 'b'].map((letter) => ({ prefix: `S${letter.toUpperCase()}`, repo: `sandbox-${letter}` }));
    const log = { ORCH_EVENT_LOG: 'eventstoredb', ORCH_EVENTSTORE_URL: server.url };
    world = await World.start(await folder(), { ...log, ORCH_MAX_CONCURRENCY: '2' }, { projects });
    run = await runTroubled(world, ITEMS, { server, everyMs: TROUBLE_EVERY_MS, seed: 1 });
  }, MS_MAX);

  afterAll(async () => {
    await world.end();
    await server.stop();
  }, MS_MAX);

  test('keeps no item from production, and has nothing done twice', async () => {
    expect(run).toMatchObject({ merges: ITEMS, twice: [] });
    expect(run.restarts + run.cuts).toBeGreaterThan(0);
    expect(await world.verifyLog()).toMatchObject({ intact: true });
  });
});
