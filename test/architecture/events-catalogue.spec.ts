import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DECIDERS } from '../../src/commands/deciders.js';
import { effectsOf, hostEffectsOf, type World } from '../../src/effects/every-effect.js';
import { EFFECT_INTENTS } from '../../src/kernel/pipeline/effect-intents.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('the catalogue of events is what the sources say', () => {
  expect(() =>
    execFileSync(process.execPath, ['scripts/events-catalogue.mjs', '--check'], { cwd: ROOT }),
  ).not.toThrow();
});

test('every event of every noun stands in the catalogue', () => {
  const catalogue = readFileSync(`${ROOT}docs/events.md`, 'utf8');
  const types = DECIDERS.flatMap((decider) => Object.keys(decider.events as object));
  expect(types.filter((type) => !catalogue.includes(`**${type}**`))).toEqual([]);
});

test('each command class is decided exactly once', () => {
  const names = DECIDERS.flatMap((decider) =>
    (decider.commands as readonly { readonly name: string }[]).map(({ name }) => name),
  );
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test('each intent has exactly one effect, and each effect an intent', () => {
  const world = { config: { dataDir: '', deploy: { timeoutS: 1 }, projects: [] } } as unknown as World;
  const served = [...effectsOf(world), ...hostEffectsOf(world)].map(({ intent }) => intent);
  expect([...served].sort()).toEqual(Object.keys(EFFECT_INTENTS).sort());
});
