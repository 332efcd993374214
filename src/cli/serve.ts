import type { Command } from 'commander';

/** What the command line needs of the composition. */
interface Composition {
  serve(env: NodeJS.ProcessEnv, cwd: string): Promise<void>;
}

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('the service itself, in sandbox mode when nothing is configured')
    .action(async () => {
      // By its address, as the program that it is: no zone is built from the composition above it.
      const composition = (await import(new URL('../main.js', import.meta.url).href)) as Composition;
      await composition.serve(process.env, process.cwd());
    });
}
