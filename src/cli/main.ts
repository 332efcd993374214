#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { ConfigurationInvalid } from '../config/configuration-invalid.js';
import { VERSION } from '../config/version.js';
import { MomentRefused } from '../projections/event/moment.js';
import { addDemo } from './demo/demo-command.js';
import { CommandFailed } from './failure.js';
import { addLogTail } from './log-tail.js';
import { addLogVerify } from './log-verify.js';
import { addOperator } from './operator.js';
import { addReplay } from './replay/replay.js';
import { addServe } from './serve.js';
import { addViews } from './views.js';
import { addTimeline } from './timeline.js';
import { addWhy } from './why.js';

async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', endQuietly);
  try {
    await program().parseAsync(argv);
    // A command whose answer is "no" has said so itself.
    return Number(process.exitCode ?? 0);
  } catch (error) {
    const { exitCode, sentence } = failureOf(error);
    if (sentence !== null) process.stderr.write(`${sentence}\n`);
    return exitCode;
  }
}

function program(): Command {
  const orchestrator = new Command('orchestrator')
    .description('Carries work items from a tracker to production on a forge.')
    .version(VERSION)
    .exitOverride()
    .showSuggestionAfterError();
  addServe(orchestrator);
  addDemo(orchestrator);
  const log = orchestrator.command('log').description('the event log');
  addLogTail(log);
  addLogVerify(log);
  addTimeline(orchestrator);
  addViews(orchestrator);
  addWhy(orchestrator);
  addReplay(orchestrator);
  addOperator(orchestrator);
  return orchestrator;
}

interface Failure {
  readonly exitCode: number;
  /** Null: it has been said already. */
  readonly sentence: string | null;
}

function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2, sentence: null };
  const sentence = error instanceof Error ? error.message : String(error);
  if (error instanceof CommandFailed) return { exitCode: error.exitCode, sentence };
  return { exitCode: WRONG_USAGE.some((kind) => error instanceof kind) ? 2 : 3, sentence };
}

const WRONG_USAGE = [ConfigurationInvalid, MomentRefused] as const;

/** `… | head` has seen enough. */
function endQuietly(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? 0 : 3);
}

process.exitCode = await main(process.argv);
