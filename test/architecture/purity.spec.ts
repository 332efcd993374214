import { readdirSync, readFileSync } from 'node:fs';
import { Linter } from 'eslint';
import { beforeAll, describe, expect, test } from '@jest/globals';
import tseslint from 'typescript-eslint';

const IMPURE: readonly (readonly [what: string, code: string, rule: string])[] = [
  ['the clock', 'export const now = Date.now();', 'no-restricted-globals'],
  ['a new date', 'export const now = new Date();', 'no-restricted-globals'],
  ['the locale', "export const words = new Intl.NumberFormat('en');", 'no-restricted-globals'],
  ['chance', 'export const chance = Math.random();', 'no-restricted-properties'],
  ['chance taken out of Math', 'export const { random } = Math;', 'no-restricted-properties'],
  ['a random id', 'export const id = crypto.randomUUID();', 'no-restricted-globals'],
  ['a random id of the library', "import { v4 } from 'uuid';\nexport const id = v4();", 'no-restricted-imports'],
  ['the process', 'export const home = process.env.HOME;', 'no-restricted-globals'],
  ['the console', "console.log('decided');", 'no-restricted-globals'],
  ['the network', "export const answer = fetch('http://localhost');", 'no-restricted-globals'],
  ['a timer', 'setTimeout(() => 1, 1);', 'no-restricted-globals'],
  ['a repeated timer', 'setInterval(() => 1, 1);', 'no-restricted-globals'],
  ['an immediate', 'setImmediate(() => 1);', 'no-restricted-globals'],
  ['a microtask', 'queueMicrotask(() => 1);', 'no-restricted-globals'],
  ['the stop watch', 'export const now = performance.now();', 'no-restricted-globals'],
  ['a global by the back door', 'export const now = globalThis.Date.now();', 'no-restricted-globals'],
  ['a module of Node', "import { readFileSync } from 'node:fs';\nexport { readFileSync };", 'no-restricted-imports'],
  [
    'a module of Node by its old name',
    "import { readFileSync } from 'fs';\nexport { readFileSync };",
    'no-restricted-imports',
  ],
  ['Nest', "import { Injectable } from '@nestjs/common';\nexport { Injectable };", 'no-restricted-imports'],
  ['streams', "import { of } from 'rxjs';\nexport { of };", 'no-restricted-imports'],
  ['stream operators', "import { map } from 'rxjs/operators';\nexport { map };", 'no-restricted-imports'],
  ['an import at run time', "export const fs = import('node:fs');", 'no-restricted-syntax'],
  ['a promise', 'export async function decide() {\n  return await Promise.resolve([]);\n}', 'no-restricted-syntax'],
];

/** A plain script without types: as a string, its path is of no interest to the compiler. */
const CONFIGURATION: string = '../../eslint.config.js';

describe('the pure zones', () => {
  let rulesBroken: (code: string, filename: string) => readonly (string | null)[];

  beforeAll(async () => {
    const { default: house }: { default: Linter.Config[] } = await import(CONFIGURATION);
    // Planted text belongs to no program, so the rules that need types are left out; the bans do not need them.
    const rules = [...house, { files: ['**/*.ts'], ...(tseslint.configs.disableTypeChecked as Linter.Config) }];
    const linter = new Linter({ configType: 'flat', cwd: process.cwd() });
    rulesBroken = (code, filename) => linter.verify(code, rules, { filename }).map(({ ruleId }) => ruleId);
  }, 60_000);

  test.each(IMPURE)('never reach for %s', (_what, code, rule) => {
    expect(rulesBroken(code, 'src/kernel/planted.ts')).toContain(rule);
    expect(rulesBroken(code, 'src/domain/task/planted.ts')).toContain(rule);
  });

  test('are the only ones that must not: an effect may know the time', () => {
    expect(rulesBroken('export const now = Date.now();', 'src/effects/planted.ts')).toEqual([]);
  });

  test('may derive ids, because the same parts give the same id', () => {
    expect(rulesBroken("import { v5 } from 'uuid';\nexport { v5 };", 'src/kernel/planted.ts')).toEqual([]);
  });

  test('switch a ban off only with a reason', () => {
    const silent = '// eslint-disable-next-line no-restricted-globals\nexport const now = Date.now();';
    const reasoned = silent.replace('globals\n', 'globals -- it is told the time it converts\n');
    expect(rulesBroken(silent, 'src/kernel/planted.ts')).toContain(
      '@eslint-community/eslint-comments/require-description',
    );
    expect(rulesBroken(reasoned, 'src/kernel/planted.ts')).toEqual([]);
  });

  /** Who decides knows when the command was given; when the log had it is known only afterwards, so that a replay would decide otherwise. */
  test('never fold the time at which an event was recorded', () => {
    const folding = readdirSync('src/domain', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => readFileSync(`src/domain/${file}`, 'utf8').includes('recordedAt'));
    expect(folding).toEqual([]);
  });

  /** In a copy of the log an event has another place, and what it began is still named as it was (ADR 1). */
  test('name what begins with an event by its number, never by its place in the log', () => {
    const placed = ['src/domain', 'src/sagas'].flatMap((zone) =>
      readdirSync(zone, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && file !== 'saga-runner.ts')
        .filter((file) =>
          /event\.position|\{[^}]*\bposition\b[^}]*\}: Recorded/.test(readFileSync(`${zone}/${file}`, 'utf8')),
        ),
    );
    expect(placed).toEqual([]);
  });

  /** What a replay decides again is what the log kept of a command: its data, and no class. */
  test('tell commands by their names and not by their classes', () => {
    const commands = readdirSync('src/domain', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => /\bcommand instanceof\b/.test(readFileSync(`src/domain/${file}`, 'utf8')));
    expect(commands).toEqual([]);
  });

  test('switch the bans off in one place only, where times are converted', () => {
    const exceptions = ['src/kernel', 'src/domain'].flatMap((zone) =>
      readdirSync(zone, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .filter((file) => /eslint-disable.*no-restricted/.test(readFileSync(`${zone}/${file}`, 'utf8')))
        .map((file) => `${zone}/${file}`),
    );
    expect(exceptions).toEqual(['src/kernel/time.ts']);
  });
});
