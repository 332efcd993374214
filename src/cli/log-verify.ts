import type { Command } from 'commander';
import { verifyChain } from '../event-log/sqlite/verify.js';
import { CommandFailed } from './failure.js';
import { logPathOf, type LogChoice } from './log-access.js';
import { print, printJson } from './text.js';

export function addLogVerify(log: Command): void {
  log
    .command('verify')
    .description(
      'checks hash chain, stream revisions and order; exit 1 and the first broken position when they do not hold',
    )
    .option('--db <file>', 'another log file, for example a copy')
    .option('--json', 'one object')
    .action(verify);
}

async function verify(options: LogChoice & { readonly json?: boolean }): Promise<void> {
  const verification = await verifyChain(logPathOf(options));
  if (options.json) printJson(verification);
  else if (verification.intact)
    print(`The log is intact: ${verification.head.position} events, head ${verification.head.hash}`);
  if (verification.intact) return;
  throw new CommandFailed(1, verification.sentence);
}
