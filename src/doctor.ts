import { Global, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { existsSync } from 'node:fs';
import 'reflect-metadata';
import { ClockModule } from './clock.module.js';
import { ConfigModule } from './config/config.module.js';
import type { Config } from './config/config.js';
import { ConfigurationInvalid } from './config/configuration-invalid.js';
import { loadConfig } from './config/load-config.js';
import { findingsOf, missing, note, ok, type Finding } from './effects/doctor/finding.js';
import { agentCommand, agentSandbox, clock, disk, git } from './effects/doctor/host.js';
import { forgeAccount, forgeRepository, trackerAccount, trackerProject } from './effects/doctor/outside.js';
import type { LeadershipEvent } from './domain/leadership/events.js';
import { LEADERSHIP_STREAM } from './event-log/beside/fenced-log.js';
import { EVENT_LOG, type EventLog } from './event-log/event-log.js';
import { EventLogModule } from './event-log/event-log.module.js';
import { houseOf } from './integrations/agents.module.js';
import { obstacleTo } from './integrations/claude/enclosure/bubblewrap.js';
import { FORGE, type Forge } from './integrations/forge.js';
import { IntegrationsModule } from './integrations/integrations.module.js';
import { TRACKER, type Tracker } from './integrations/tracker.js';
import type { RecordedEvent } from './kernel/event.js';
import { toIso } from './kernel/time.js';

const CLOCK = { now: () => Date.now() };

/** Looks at everything that the service needs, through what the service uses, and changes nothing. */
export async function examine(env: NodeJS.ProcessEnv, cwd: string): Promise<readonly Finding[]> {
  const config = configIn(env, cwd);
  if (Array.isArray(config)) return config;
  return [
    ...config.warnings.map((warning) => note('configuration', warning)),
    ok('configuration', config.sandbox ? 'sandbox mode' : `${config.projects.length} project(s)`),
    ...(await outside(config)),
    ...(await findingsOf('log', () => log(config))),
    ...(await findingsOf('disk', () => disk(config))),
    ...(await findingsOf('clock', () => clock(config, CLOCK))),
    ...(await findingsOf('git', git)),
    ...(await findingsOf('agent', () => (config.sandbox ? played('agent') : agentCommand(config)))),
    ...(await findingsOf('sandbox', () => agentSandbox(config, () => obstacleTo(houseOf(config))))),
  ];
}

function configIn(env: NodeJS.ProcessEnv, cwd: string): Config | Finding[] {
  try {
    return loadConfig(env, cwd);
  } catch (error) {
    if (!(error instanceof ConfigurationInvalid)) throw error;
    return error.problems.map(({ where, given, allowed }) =>
      missing('configuration', `${where}: given ${given}, allowed: ${allowed}`),
    );
  }
}

async function outside(config: Config): Promise<readonly Finding[]> {
  if (config.sandbox) return [...(await played('tracker')), ...(await played('forge'))];
  const app = await contextOf(config, IntegrationsModule);
  try {
    const tracker = app.get<Tracker>(TRACKER, { strict: false });
    const forge = app.get<Forge>(FORGE, { strict: false });
    const findings: Finding[] = [
      ...(await findingsOf('tracker', () => trackerAccount(tracker))),
      ...(await findingsOf('forge', () => forgeAccount(forge))),
    ];
    for (const project of config.projects) {
      findings.push(
        ...(await findingsOf(`tracker ${project.prefix}`, () => trackerProject(tracker, project, toIso(CLOCK.now())))),
      );
      findings.push(...(await findingsOf(`forge ${project.repo}`, () => forgeRepository(forge, project))));
    }
    return findings;
  } finally {
    await app.close();
  }
}

async function played(about: string): Promise<readonly Finding[]> {
  return [ok(about, 'the sandbox plays it')];
}

async function log(config: Config): Promise<readonly Finding[]> {
  const { kind, path } = config.eventLog;
  if (kind === 'sqlite' && !existsSync(path))
    return [ok('log', `${path} is made at the first start`), ok('lead', NOBODY)];
  const app = await contextOf(config, EventLogModule.forRoot({ readOnly: true }));
  try {
    const opened = app.get<EventLog>(EVENT_LOG, { strict: false });
    const head = await opened.head();
    const readable = `${kind} can be read, its head is at position ${head}; log verify looks at all of it`;
    return [ok('log', readable), ok('lead', await leadIn(opened))];
  } finally {
    await app.close();
  }
}

const NOBODY = 'nobody leads; the next orchestrator that starts will';

/** What the log says; how lately the leader was heard of, a running service tells (`/health`). */
async function leadIn(log: EventLog): Promise<string> {
  const [newest] = await log.readStream(LEADERSHIP_STREAM, { direction: 'backwards', limit: 1 });
  const lead = newest as RecordedEvent<LeadershipEvent> | undefined;
  if (lead?.type !== 'LeadTaken') return NOBODY;
  return `${lead.data.holder} leads since ${lead.recordedAt}, in term ${lead.revision}`;
}

type Part = DynamicModule | typeof IntegrationsModule;

function contextOf(config: Config, part: Part) {
  const imports = [ConfigModule.of(config), ClockModule, part];
  return NestFactory.createApplicationContext({ module: Doctor, imports }, { logger: false, abortOnError: false });
}

@Global()
@Module({})
class Doctor {}
