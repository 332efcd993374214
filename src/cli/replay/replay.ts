import type { Command } from 'commander';
import { addAt } from './at.js';
import { addBlame } from './blame.js';
import { addDiff } from './diff.js';
import { addRebuild } from './rebuild.js';
import { addStep } from './step.js';
import { addVerify } from './verify.js';
import { addWhatIf } from './what-if.js';

/** Any moment of the past, looked at, explained and decided again; only `rebuild` writes, and never to the log. */
export function addReplay(program: Command): void {
  const replay = program
    .command('replay')
    .description('any moment of the past, from the log alone; nothing is acted on');
  addRebuild(replay);
  addVerify(replay);
  addAt(replay);
  addDiff(replay);
  addStep(replay);
  addBlame(replay);
  addWhatIf(replay);
}
