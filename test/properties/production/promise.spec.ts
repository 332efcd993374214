import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReadModelFile } from '../../../src/projections/engine/read-model-file.js';
import { ReadModels } from '../../../src/projections/engine/read-models.js';
import { READ_MODELS } from '../../../src/projections/read-models.js';
import { Work } from '../../../src/projections/work.js';
import { act } from '../../support/interleaved/acts.js';
import { lived, lives, troubleIn } from '../../support/interleaved/lives.js';
import { REPO } from '../../support/interleaved/surroundings.js';
import { Tables } from '../../support/interleaved/tables.js';
import type { Yard } from '../../support/interleaved/yard.js';

/** `PROPERTY_RUNS=2000 PROPERTY_SEED=random` looks further. */
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 60);

/** What the lives came to: a property of things that never happen proves nothing. */
const seen = new Map<string, number>();

function note({ around }: Yard): void {
  const hooks = around.hosts.begun.map(({ environment }) => `a hook of ${environment}`);
  for (const what of [...around.log.events.map(({ type }) => type), ...hooks])
    seen.set(what, (seen.get(what) ?? 0) + 1);
}

describe('Whatever happens between a gesture and production, and wherever the service dies', () => {
  test('production starts once per confirmation, only with a staged tree, never while frozen or paused, and ends in a verdict or with a person [INV-02, INV-24, INV-25, DEP-06, DEP-21]', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const yard = await lived(life);
        note(yard);
        expect(troubleIn(yard)).toBe('');
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    if (process.env['PROPERTY_RUNS']) console.log(Object.fromEntries(seen));
    for (const what of ['a hook of production', 'DeployConfirmed', 'MergeRefused', 'ProductionHeld', 'TaskSentBack']) {
      expect([what, (seen.get(what) ?? 0) > 0]).toEqual([what, true]);
    }
  }, 1_800_000);
});

test('the read models that such a life is led by answer as those in a file do', async () => {
  const { around, taskIds } = await lived({ begins: 'asked', acts: [act('confirm'), act('freeze')] });
  const { log } = around;
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-interleaved-'));
  const path = join(folder, 'read-models.db');
  const file = await ReadModelFile.open(path, log.logId, READ_MODELS);
  const models = new ReadModels(path);
  const tables = new Tables();
  for (const event of log.events) {
    tables.apply([event]);
    await file.apply([event], event.position);
  }
  try {
    const [real, folded] = [new Work(models), tables.work()];
    for (const ask of [
      (work: Work) => work.openEffects(),
      ...taskIds.map((id) => (work: Work) => work.task(id)),
      (work: Work) => work.taskOf('ORCH-001'),
      (work: Work) => work.unfinishedTasks(),
      (work: Work) => work.productionUnderWay(REPO),
      (work: Work) => work.verifiedInProduction(REPO),
      (work: Work) => work.freezesOf(REPO),
      (work: Work) => work.mergeLeases(),
      (work: Work) => work.item('item-1'),
    ]) {
      expect(await ask(folded)).toEqual(await ask(real));
    }
  } finally {
    await models.close();
    await file.close();
    await rm(folder, { recursive: true, force: true });
  }
});
