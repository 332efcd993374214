import type { Command } from 'commander';
import { aligned, coloured, print, printJson } from './terminal/text.js';

interface Finding {
  readonly about: string;
  readonly state: 'ok' | 'note' | 'missing';
  readonly says: string;
}

/** What the command line needs of the composition. */
interface Composition {
  examine(env: NodeJS.ProcessEnv, cwd: string): Promise<readonly Finding[]>;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('whether everything that the service needs is there; exit 1 when something is missing')
    .option('--json', 'one object a line')
    .action(examine);
}

async function examine({ json = false }: { readonly json?: boolean }): Promise<void> {
  // By its address, as in `serve`: no zone is built from the composition above it.
  const composition = (await import(new URL('../doctor.js', import.meta.url).href)) as Composition;
  const findings = await composition.examine(process.env, process.cwd());
  if (json) findings.forEach(printJson);
  else linesOf(findings).forEach(print);
  if (findings.some(({ state }) => state === 'missing')) process.exitCode = 1;
}

function linesOf(findings: readonly Finding[]): readonly string[] {
  const lines = aligned(findings.map(({ state, about, says }) => [state, about, says]));
  return lines.map((line, index) => (findings[index]?.state === 'missing' ? coloured('Failed', line) : line));
}
