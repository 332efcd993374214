import type { Command } from 'commander';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed } from '../failure.js';
import { dim, print } from '../terminal/text.js';
import { runDemo } from './demo.js';
import { ChildOrchestrator } from './child-orchestrator.js';

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('one work item through the whole pipeline in a temporary sandbox')
    .option('--keep', 'leave the temporary folder, to look into it')
    .action(demo);
}

async function demo({ keep = false }: { readonly keep?: boolean }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-demo-'));
  print(`One work item through the whole pipeline, in a temporary sandbox ${dim(folder)}\n`);
  const running = await ChildOrchestrator.begin(folder);
  // However this process ends, an interrupt or a closed pipe included, nothing of the demo outlives it.
  process.once('exit', () => {
    running.kill();
    if (!keep) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(2));
  await show(running);
  if (keep) print(dim(`Kept in ${folder}`));
}

async function show(running: ChildOrchestrator): Promise<void> {
  try {
    await running.ready();
    await runDemo(running);
  } catch (error) {
    print(`\nThe service said last:\n${await running.lastWords()}`);
    throw error instanceof CommandFailed ? error : new CommandFailed(1, (error as Error).message, { cause: error });
  } finally {
    await running.stop();
  }
}
