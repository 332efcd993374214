import type { Command } from 'commander';
import { userInfo } from 'node:os';
import type { RunningOrchestrator } from './running-orchestrator.js';
import { print, printJson } from '../terminal/text.js';
import { serviceOf } from '../views.js';

interface OperatorOptions {
  readonly url?: string;
  readonly actor?: string;
  readonly json?: boolean;
  readonly reason?: string;
}

/** Through a running service, so that there is one place that decides. */
export function addOperator(program: Command): void {
  changing(program, 'freeze <repo>', 'no analysis starts in the repository until it is unfrozen')
    .requiredOption('--reason <text>', 'why')
    .action(freeze);
  changing(program, 'unfreeze <repo>', 'lifts every freeze of the repository').action(unfreeze);
  changing(program, 'pause <work-item>', 'parks the task; the next one may go ahead').action(pause);
  changing(program, 'resume <work-item>', 'lets the paused task go on').action(resume);
  changing(program, 'cancel <work-item>', 'ends the task and stops its agent; the branch is kept')
    .option('--reason <text>', 'why')
    .action(cancel);
  const deps = program.command('deps').description('what a task waits for');
  changing(deps, 'add <work-item> <other>', 'the task waits until the other one has ended').action(addDependency);
  changing(deps, 'remove <work-item> <other>', 'the task waits for the other one no more').action(removeDependency);
}

function changing(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--url <url>', 'the service, if it is not the one of the configuration')
    .option('--actor <name>', 'who does it, for the audit trail; the name of the account otherwise')
    .option('--json', 'one object');
}

async function freeze(repo: string, options: OperatorOptions): Promise<void> {
  const path = `/serial-gate/freeze?repo=${encodeURIComponent(repo)}`;
  const answer = await (await service(options)).post<{ frozen_at: string }>(path, { reason: options.reason });
  tell(answer, options, `${repo} is frozen since ${answer.frozen_at}: ${options.reason}`);
}

async function unfreeze(repo: string, options: OperatorOptions): Promise<void> {
  const path = `/serial-gate/unfreeze?repo=${encodeURIComponent(repo)}`;
  const answer = await (await service(options)).post<{ cleared: number }>(path, {});
  tell(
    answer,
    options,
    answer.cleared === 0 ? `${repo} was not frozen` : `${repo}: ${answer.cleared} freeze(s) lifted`,
  );
}

interface Parked {
  readonly work_item: string;
  readonly changed: boolean;
}

async function pause(workItem: string, options: OperatorOptions): Promise<void> {
  const answer = await park('pause', workItem, options);
  tell(answer, options, `${answer.work_item} ${answer.changed ? 'is paused' : 'was paused already'}`);
}

async function resume(workItem: string, options: OperatorOptions): Promise<void> {
  const answer = await park('resume', workItem, options);
  tell(answer, options, `${answer.work_item} ${answer.changed ? 'goes on' : 'was not paused'}`);
}

async function park(what: 'pause' | 'resume', workItem: string, options: OperatorOptions): Promise<Parked> {
  return (await service(options)).post(`/serial-gate/${what}?work_item=${encodeURIComponent(workItem)}`, {});
}

async function cancel(workItem: string, options: OperatorOptions): Promise<void> {
  const body = options.reason === undefined ? {} : { reason: options.reason };
  const answer = await (await service(options)).post<Parked>(`/tasks/${encodeURIComponent(workItem)}/cancel`, body);
  tell(answer, options, `${answer.work_item} ${answer.changed ? 'is cancelled' : 'was cancelled already'}`);
}

interface Declared extends Parked {
  readonly depends_on: string;
}

async function addDependency(workItem: string, other: string, options: OperatorOptions): Promise<void> {
  const path = `/tasks/${encodeURIComponent(workItem)}/dependencies`;
  const answer = await (await service(options)).post<Declared>(path, { depends_on: other });
  const { work_item, depends_on, changed } = answer;
  tell(answer, options, `${work_item} ${changed ? 'waits' : 'waited already'} for ${depends_on}`);
}

async function removeDependency(workItem: string, other: string, options: OperatorOptions): Promise<void> {
  const path = `/tasks/${encodeURIComponent(workItem)}/dependencies/${encodeURIComponent(other)}`;
  const answer = await (await service(options)).delete<Declared>(path);
  const { work_item, depends_on, changed } = answer;
  tell(answer, options, `${work_item} ${changed ? 'no longer waits' : 'did not wait'} for ${depends_on}`);
}

function service(options: OperatorOptions): Promise<RunningOrchestrator> {
  return serviceOf(options, options.actor ?? userInfo().username);
}

function tell(answer: object, options: OperatorOptions, sentence: string): void {
  if (options.json) printJson(answer);
  else print(sentence);
}
