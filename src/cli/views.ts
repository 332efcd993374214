import type { Command } from 'commander';
import { BackgroundStats } from '../kernel/background-stats.js';
import { momentAt, timeAt } from '../projections/event/moment.js';
import { queueAt } from '../projections/queue/queue-at.js';
import type { WatchUnderWay } from '../projections/post-deploy/post-deploy-block.js';
import type { QueueSnapshot } from '../projections/queue/queue-snapshot.js';
import { statusAt, type Status } from '../projections/task/status.js';
import { withLog } from './log-access.js';
import { RunningOrchestrator } from './running/running-orchestrator.js';
import { settingsOf } from './settings.js';
import { aligned, dim, duration, print, printJson, printRow } from './terminal/text.js';

interface ViewOptions {
  readonly url?: string;
  readonly json?: boolean;
  readonly at?: string;
  readonly db?: string;
}

export function addViews(program: Command): void {
  const view = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .option('--url <url>', 'the service, if it is not the one of the configuration')
      .option('--at <X>', 'as of a position or an ISO time, read from the log itself')
      .option('--db <file>', 'with --at: another log file, for example a copy')
      .option('--json', 'one object a line');
  view('status', 'the tasks that are under way').action(showStatus);
  view('queue', 'jobs, gates and slots').action(showQueue);
}

/** A service that listens everywhere is asked on loopback. */
export async function serviceOf(
  { url }: Pick<ViewOptions, 'url'>,
  actor: string | null = null,
): Promise<RunningOrchestrator> {
  const { loadConfig } = await import('../config/load-config.js');
  const { host, port, apiToken } = loadConfig(process.env, process.cwd()).server;
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host;
  return new RunningOrchestrator(url?.replace(/\/$/, '') ?? `http://${name}:${port}`, apiToken, actor);
}

async function showStatus(options: ViewOptions): Promise<void> {
  const { status, nowMs } = await statusFor(options);
  if (options.json) status.tasks.forEach(printJson);
  else tellStatus(status, nowMs);
}

export function tellStatus({ tasks }: Status, nowMs: number): void {
  if (tasks.length === 0) return print('No task is under way');
  const rows = tasks.map((task) => [
    task.work_item_id,
    task.repo,
    task.paused_at === null ? task.stage : `${task.stage} (paused)`,
    duration(Math.max(0, nowMs - Date.parse(task.stage_entered_at))),
    task.active_job ? `${task.active_job.agent} ${task.active_job.status}` : '',
    task.title,
  ]);
  table(['item', 'repo', 'stage', 'for', 'job', 'title'], rows);
}

/** With the time that it is of: how long something has lasted is told as of then. */
async function statusFor(options: ViewOptions): Promise<{ readonly status: Status; readonly nowMs: number }> {
  const { at } = options;
  if (at === undefined) return { status: await (await serviceOf(options)).get('/status'), nowMs: Date.now() };
  return withLog(options, async (log) => {
    const position = await momentAt(log, at);
    return { status: await statusAt(log, position), nowMs: await timeAt(log, position) };
  });
}

async function queueFor(options: ViewOptions): Promise<QueueSnapshot> {
  const { at } = options;
  if (at === undefined) return (await serviceOf(options)).get('/queue');
  const { policy, pollIntervalS } = await settingsOf();
  const settings = { policy, pollIntervalS, stats: new BackgroundStats() };
  return withLog(options, async (log) => queueAt(log, await momentAt(log, at), settings));
}

async function showQueue(options: ViewOptions): Promise<void> {
  tellQueue(await queueFor(options), options.json);
}

export function tellQueue(queue: QueueSnapshot, json = false): void {
  if (json) return printJson(queue);
  const counts = Object.entries(queue.counts).map(([status, jobs]) => `${jobs} ${status}`);
  print(`${counts.join(', ')}; at most ${queue.max_concurrency} agents at once; position ${queue.position}`);
  showRepos(queue);
  if (queue.recent.length === 0) return;
  print('');
  const rows = queue.recent.map(({ id, agent, status, stage, work_item_id: item }) => [
    ...[String(id), item ?? '', stage, agent, status],
  ]);
  table(['job', 'item', 'stage', 'agent', 'status'], rows);
}

function showRepos({ serial_gate: { per_repo: repos }, post_deploy: { active: watches } }: QueueSnapshot): void {
  const rows = Object.entries(repos).map(([repo, { active_task: active, waiting, frozen }]) => [
    repo,
    active ? `${active.work_item_id} in ${active.stage}` : '',
    waiting.map(({ work_item_id: item, reason }) => (reason === null ? item : `${item} (${reason})`)).join(', '),
    [...(frozen ? ['frozen'] : []), ...watches.filter((watch) => watch.repo === repo).map(watched)].join(', '),
  ]);
  if (rows.length === 0) return;
  print('');
  table(['repo', 'active', 'waiting', ''], rows);
}

function watched({ work_item_id: item, checks_total: made, checks_planned: planned }: WatchUnderWay): string {
  return `production watched after ${item}, ${made} of ${planned} checks`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  aligned([head, ...rows]).forEach((line, index) => printRow(index === 0 ? dim(line) : line));
}
