/**
 * The orchestrator without doors, around the outside of `outside.mjs`: `node orchestrator.mjs <folder>`, started with a message
 * channel. It opens the tasks that it is told to. HALT_AT names points, each with the work item for which it stops there until it
 * is told to go on.
 */
import { Global, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, CqrsModule } from '@nestjs/cqrs';
import 'reflect-metadata';
import { ClockModule } from '../../dist/clock.module.js';
import { CommandsModule } from '../../dist/commands/commands.module.js';
import { ConfigModule } from '../../dist/config/config.module.js';
import { loadConfig } from '../../dist/config/load-config.js';
import { CancelTask, OpenTask } from '../../dist/domain/task/commands.js';
import { EffectsModule } from '../../dist/effects/effects.module.js';
import { UpkeepModule } from '../../dist/effects/upkeep/upkeep.module.js';
import { EventLogModule } from '../../dist/event-log/event-log.module.js';
import { InstanceLock } from '../../dist/event-log/sqlite/side-tables/instance-lock.js';
import { AGENT_RUNNER } from '../../dist/integrations/agent-runner.js';
import { AgentsModule } from '../../dist/integrations/agents.module.js';
import { FORGE } from '../../dist/integrations/forge.js';
import { NOTIFIER } from '../../dist/integrations/notifier.js';
import { TRACKER } from '../../dist/integrations/tracker.js';
import { WORKTREES } from '../../dist/integrations/worktrees.js';
import { BackgroundStats } from '../../dist/kernel/background-stats.js';
import { deriveId } from '../../dist/kernel/ids.js';
import { ProjectionsModule } from '../../dist/projections/projections.module.js';
import { HostsModule } from '../../dist/queue/hosts/hosts.module.js';
import { LeadershipModule } from '../../dist/queue/leadership/leadership.module.js';
import { QueueModule } from '../../dist/queue/queue.module.js';
import { Supervisor } from '../../dist/queue/supervisor/supervisor.js';
import { Background, Hosting, Movers, Runtime, Store } from '../../dist/runtime.js';
import { SagasModule } from '../../dist/sagas/sagas.module.js';
import { TelemetryModule } from '../../dist/telemetry/telemetry.module.js';
import { outsideIn } from './outside.mjs';

const [, , folder] = process.argv;

async function main() {
  const config = loadConfig(process.env, folder);
  const lock = await InstanceLock.acquire(config.dataDir);
  const app = await NestFactory.createApplicationContext(orchestrator(config), { logger: false, abortOnError: false });
  haltAt(JSON.parse(process.env.HALT_AT ?? '{}'), app);
  process.on('message', (message) => void obey(message, app));
  process.on(
    'SIGTERM',
    () =>
      void app
        .close()
        .then(() => lock.release())
        .then(() => process.exit(0)),
  );
  await app.get(Runtime).start();
  process.send?.({ ready: true });
}

function orchestrator(config) {
  Logger.overrideLogger(['error', 'fatal', 'warn']);
  const log = [EventLogModule.forRoot(), CommandsModule, ProjectionsModule.forRoot({ path: config.readModels.path })];
  const around = [outside(), AgentsModule, TelemetryModule];
  const moving = [LeadershipModule, HostsModule, SagasModule, QueueModule, EffectsModule, UpkeepModule];
  const imports = [CqrsModule.forRoot(), ConfigModule.of(config), ClockModule, ...log, ...around, ...moving];
  return moduleOf({ imports, providers: [Background, Hosting, Movers, Store, Runtime] });
}

function outside() {
  const ports = outsideIn(folder);
  const providers = [
    { provide: TRACKER, useValue: ports.tracker },
    { provide: FORGE, useValue: ports.forge },
    { provide: NOTIFIER, useValue: ports.notifier },
    { provide: WORKTREES, useValue: ports.worktrees },
  ];
  const Outside = moduleOf({ providers, exports: providers.map(({ provide }) => provide) });
  Global()(Outside);
  return Outside;
}

function moduleOf(parts) {
  const Made = class {};
  Module(parts)(Made);
  return Made;
}

/** Each point stands before or behind one call that leaves the process. */
function haltAt(places, app) {
  const port = (token) => app.get(token, { strict: false });
  const points = {
    'before the worktree': [port(WORKTREES), 'prepare', before],
    'behind the worktree': [port(WORKTREES), 'prepare', behind],
    'before the start': [port(Supervisor), 'start', before],
    'during the start': [port(Supervisor), 'start', during],
    'behind the start': [port(Supervisor), 'start', behind],
    'behind the exit': [port(AGENT_RUNNER), 'report', before],
    'before the push': [port(WORKTREES), 'publish', before],
    'behind the push': [port(WORKTREES), 'publish', behind],
    'behind the pull request': [port(FORGE), 'openPullRequest', behind],
  };
  rememberRuns(port(Supervisor));
  for (const [point, workItem] of Object.entries(places)) {
    const [owner, method, halting] = points[point];
    owner[method] = halting(owner[method].bind(owner), (given) => isAbout(given, workItem));
  }
}

const started = new Map();

/** Of a run's output only the folder is known. */
function rememberRuns(supervisor) {
  const start = supervisor.start.bind(supervisor);
  supervisor.start = (directory, spec, fence) => {
    started.set(directory, spec.env.ORCH_WORK_ITEM);
    return start(directory, spec, fence);
  };
}

function isAbout(given, workItem) {
  const words = JSON.stringify(given);
  const run = [...started].find(([directory]) => words.includes(directory));
  return words.includes(workItem) || run?.[1] === workItem;
}

/** Until somebody says go, or kills. */
function halt() {
  process.send({ halted: true });
  return new Promise((resolve) => process.on('message', ({ go }) => go && resolve()));
}

function before(call, isMeant) {
  return async (...given) => {
    if (isMeant(given)) await halt();
    return call(...given);
  };
}

function during(call, isMeant) {
  return async (...given) => {
    const answer = call(...given);
    if (isMeant(given)) await halt();
    return answer;
  };
}

function behind(call, isMeant) {
  return async (...given) => {
    const answer = await call(...given);
    if (isMeant(given)) await halt();
    return answer;
  };
}

async function obey(message, app) {
  const commands = app.get(CommandBus, { strict: false });
  if (message.open) for (const task of message.open) await commands.execute(open(task));
  if (message.cancel) await commands.execute(cancel(message.cancel));
  if (message.blockMs) block(message.blockMs);
  if (message.stats) process.send({ stats: app.get(BackgroundStats, { strict: false }).reaper });
}

/** The same task opened again is the same task. */
function open({ taskId, workItem, description }) {
  const about = { itemId: `item-${taskId}`, projectId: 'project', repo: 'repo', title: workItem, description };
  const branch = `feature/${workItem}`;
  return new OpenTask(`task-${taskId}`, { taskId, workItem, branch, ...about }, contextOf('open', workItem));
}

function cancel({ taskId, workItem }) {
  const why = { by: 'operator:soak', reason: 'not needed' };
  return new CancelTask(`task-${taskId}`, why, contextOf('cancel', workItem));
}

function contextOf(what, workItem) {
  const at = new Date().toISOString();
  return {
    commandId: deriveId(what, workItem),
    at,
    actor: 'operator:soak',
    correlationId: workItem,
    causationId: null,
  };
}

/** As a parser that chokes on a huge line would. */
function block(ms) {
  process.send({ blocking: true });
  const until = performance.now() + ms;
  while (performance.now() < until);
  process.send({ blocked: true });
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
