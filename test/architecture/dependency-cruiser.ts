import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { Planted } from './planted-arrows.js';

export const CONFIGURATION = join(process.cwd(), '.dependency-cruiser.cjs');
const CRUISER = join(process.cwd(), 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

export interface Caught {
  readonly rule: string;
  readonly from: string;
}

export function rulesOfTheHouse(): readonly { readonly name: string; readonly comment?: string }[] {
  return (createRequire(import.meta.url)(CONFIGURATION) as { forbidden: readonly { name: string; comment?: string }[] })
    .forbidden;
}

/** What the rules of the house catch in `src` of this folder. */
export async function cruise(folder: string): Promise<readonly Caught[]> {
  const { stdout } = await execa('node', [CRUISER, 'src', '--config', CONFIGURATION, '-T', 'json'], {
    cwd: folder,
    reject: false,
    maxBuffer: 100_000_000,
  });
  const answer = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  return answer.summary.violations.map(({ from, rule }) => ({ rule: rule.name, from }));
}

/** Lays these files into an empty folder; what they import exists and imports nothing, unless it is to be missing. */
export function plant(folder: string, files: readonly Omit<Planted, 'rule'>[]): void {
  write(folder, 'tsconfig.json', '{ "compilerOptions": { "module": "nodenext", "target": "es2023" } }');
  write(folder, 'package.json', '{ "type": "module", "devDependencies": { "planted-tool": "1.0.0" } }');
  write(
    folder,
    'node_modules/planted-tool/package.json',
    '{ "name": "planted-tool", "version": "1.0.0", "main": "a.js" }',
  );
  write(folder, 'node_modules/planted-tool/a.js', '');
  for (const { file, imports } of files.filter(
    ({ imports }) => imports.startsWith('.') && !imports.includes('nowhere'),
  )) {
    write(folder, join(dirname(file), imports).replace(/[.]js$/, '.ts'), 'export const planted = 1;\n');
  }
  for (const { file, imports } of files)
    write(folder, file, `import * as planted from '${imports}';\nexport default planted;\n`);
  write(folder, 'src/kernel/egg.ts', "export * from './chicken.js';\n");
}

function write(folder: string, file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}
