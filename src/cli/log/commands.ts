import type { Command } from 'commander';
import type { CopyOptions } from '../log-copy/copy.js';
import type { LogChoice } from '../log-access.js';
import type { ExportOptions } from './export.js';
import type { TailOptions } from './tail.js';
import type { VerifyOptions } from './verify.js';

interface Reading extends LogChoice {
  readonly json?: boolean;
}

/** What each command does is loaded when it is asked for: half of a second of reading code would be longer than the work. */
export function addLog(program: Command): void {
  const log = program.command('log').description('the event log');
  addTail(log);
  addShow(log);
  addTrace(log);
  addVerify(log);
  addDigest(log);
  addExport(log);
  addImport(log);
  addCopy(log);
}

function addTail(log: Command): void {
  reading(log.command('tail'), 'one object a line')
    .description('one line per event; X is a position or an ISO time')
    .option('--follow', 'go on with what is appended')
    .option('--stream <S>', 'only events of this stream')
    .option('--type <T...>', 'only events of these types')
    .option('--task <W>', 'only events of this work item')
    .option('--since <X>', 'from here on')
    .option('--until <X>', 'up to here')
    .action(async (options: TailOptions) => (await import('./tail.js')).tail(options));
}

function addShow(log: Command): void {
  reading(log.command('show <event>'), 'one object')
    .description('a whole event by its position or id: metadata, what caused it, what it caused')
    .action(async (event: string, options: Reading) => (await import('./show.js')).show(event, options));
}

function addTrace(log: Command): void {
  reading(log.command('trace <work-item>'), 'one object a line, parents first')
    .description('what led to what, with the time that every step took, of a work item or below one event')
    .action(async (subject: string, options: Reading) => (await import('./trace.js')).trace(subject, options));
}

function addVerify(log: Command): void {
  reading(log.command('verify'), 'one object')
    .description('checks hash chain, order, stream revisions and causes; exit 1 and the first place that does not hold')
    .option('--digest <text>', 'what `log digest` printed once: shows whether the end was cut off since')
    .action(async (options: VerifyOptions) => (await import('./verify.js')).verify(options));
}

function addDigest(log: Command): void {
  reading(log.command('digest'), 'one object')
    .description('the end of the log in one line, to be kept elsewhere and given to `log verify --digest`')
    .action(async (options: Reading) => (await import('./digest.js')).digest(options));
}

function addExport(log: Command): void {
  reading(log.command('export'), 'one object')
    .description('one NDJSON file with everything that questions about a part of the log need')
    .requiredOption('-o, --output <file>', 'where to')
    .option('--task <W>', 'from the first to the last event of this work item')
    .option('--repo <R>', 'from the first to the last event of this repository')
    .option('--since <X>', 'not before')
    .option('--until <X>', 'not after')
    .option('--redact', 'without the texts that people and agents wrote')
    .action(async (options: ExportOptions) => (await import('./export.js')).exportBundle(options));
}

function addImport(log: Command): void {
  reading(log.command('import <file>'), 'one object')
    .description('a bundle into an empty log, all or nothing; it is then read like the original')
    .action(async (file: string, options: Reading) => (await import('./import.js')).importFile(file, options));
}

function addCopy(log: Command): void {
  log
    .command('copy')
    .description(
      'copies a log to another store, goes on where an interrupted copy was, compares and verifies at the end',
    )
    .requiredOption('--from <log>', 'a file, or the address of an event store')
    .requiredOption('--to <log>', 'likewise; empty, or the beginning of such a copy')
    .option('--json', 'one object')
    .action(async (options: CopyOptions) => (await import('../log-copy/copy.js')).copy(options));
}

function reading(command: Command, json: string): Command {
  return command
    .option('--db <log>', 'another log: a file, for example a copy, or the address of an event store')
    .option('--json', json);
}
