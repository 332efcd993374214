import { Option, type Command } from 'commander';
import type { AtOptions } from './at.js';
import type { BlameOptions } from './blame.js';
import type { DiffOptions } from './diff.js';
import type { RebuildOptions } from './rebuild.js';
import type { StepOptions } from './step.js';
import type { VerifyOptions } from './verify.js';
import type { WhatIfOptions } from './what-if.js';

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

const READ_MODELS_OPTION = [
  '--read-models <file>',
  'another file of read models; by default the one of the configuration, and with --db the one beside that log',
] as const;

function addRebuild(replay: Command): void {
  reading(replay.command('rebuild'), 'one object')
    .description('builds all read models beside the live ones and swaps; stopped at any moment, it goes on from there')
    .option(
      '--prepare',
      'only build beside, also while the service runs; the next rebuild goes on from there and swaps',
    )
    .option(...READ_MODELS_OPTION)
    .action(async (options: RebuildOptions) => (await import('./rebuild.js')).rebuildAndSwap(options));
}

function addVerify(replay: Command): void {
  reading(replay.command('verify'), 'one object a line')
    .description(
      'compares the live read models with a rebuild, and every decision and saga command with one made again',
    )
    .addOption(new Option('--only <part>', 'only one of the two parts').choices(['tables', 'decisions']))
    .option(...READ_MODELS_OPTION)
    .action(async (options: VerifyOptions) => (await import('./verify.js')).verify(options));
}

function addAt(replay: Command): void {
  reading(replay.command('at <X>'), 'one object')
    .description('state as of a position or an ISO time: the tasks under way, one task, or the queue')
    .option('--task <W>', 'everything about this work item')
    .option('--queue', 'jobs, gates and slots')
    .action(async (x: string, options: AtOptions) => (await import('./at.js')).at(x, options));
}

function addDiff(replay: Command): void {
  reading(replay.command('diff <X> <Y>'), 'one object a line')
    .description('what is otherwise at Y than at X, row by row; exit 1 when something is')
    .option('--task <W>', 'only what this work item brought about')
    .action(async (x: string, y: string, options: DiffOptions) => (await import('./diff.js')).diff(x, y, options));
}

function addStep(replay: Command): void {
  reading(replay.command('step <target>'), 'one object a line')
    .description(
      'of a work item or a read model: its rows before and after every event; what cannot be folded is shown',
    )
    .option('--key <K>', 'of a read model: only this row; the work item for tasks, the repository for repo_freeze')
    .option('--since <X>', 'from a position or an ISO time on')
    .option('--until <X>', 'up to a position or an ISO time')
    .action(async (target: string, options: StepOptions) => (await import('./step.js')).step(target, options));
}

function addBlame(replay: Command): void {
  reading(replay.command('blame <read-model> <key> <field>'), 'one object a line')
    .description(
      'the event that set a value; the key of tasks is the work item, of jobs the id, of repo_freeze the repo',
    )
    .option('--at <X>', 'the value as of a position or an ISO time')
    .option('--history', 'every value that the field ever had')
    .action(async (table: string, key: string, field: string, options: BlameOptions) =>
      (await import('./blame.js')).showBlame({ table, key, field }, options),
    );
}

function addWhatIf(replay: Command): void {
  reading(replay.command('what-if'), 'one object a line')
    .description('decides again under other settings: what would differ, what comes of it, and what nobody can know')
    .requiredOption('--set <NAME=value...>', 'a setting as in .env.example; may be given several times')
    .option('--since <X>', 'as if it had been changed at a position or an ISO time')
    .option('--until <X>', 'up to a position or an ISO time')
    .action(async (options: WhatIfOptions) => (await import('./what-if.js')).showWhatIf(options));
}

function reading(command: Command, json: string): Command {
  return command.option('--db <file>', 'another log file, for example a copy').option('--json', json);
}
