/** One violation of a dependency rule: the file that breaks it and the files that it needs to break it. */
export interface Planted {
  readonly rule: string;
  readonly file: string;
  readonly imports: string;
}

const violation = (rule: string, file: string, imports: string): Planted => ({ rule, file, imports });

/** For each zone one import that the table does not allow it. */
const ARROWS: readonly Planted[] = [
  violation('arrow-kernel', 'src/kernel/broken.ts', '../domain/task/events.js'),
  violation('arrow-config', 'src/config/broken.ts', '../event-log/event-log.js'),
  violation('arrow-domain', 'src/domain/task/broken.ts', '../../config/config.js'),
  violation('arrow-event-log', 'src/event-log/broken.ts', '../domain/task/events.js'),
  violation('arrow-commands', 'src/commands/broken.ts', '../projections/tasks.js'),
  violation('arrow-projections', 'src/projections/broken.ts', '../domain/task/decide.js'),
  violation('arrow-sagas', 'src/sagas/broken.ts', '../projections/tasks.js'),
  violation('arrow-queue', 'src/queue/broken.ts', '../integrations/forge.js'),
  violation('arrow-effects', 'src/effects/broken.ts', '../sagas/pipeline.js'),
  violation('arrow-integrations', 'src/integrations/broken.ts', '../domain/task/events.js'),
  violation('arrow-telemetry', 'src/telemetry/broken.ts', '../domain/task/commands.js'),
  violation('arrow-http', 'src/http/broken.ts', '../domain/task/decide.js'),
  violation('arrow-graphql', 'src/graphql/broken.ts', '../event-log/event-log.js'),
  violation('arrow-forensics', 'src/forensics/broken.ts', '../effects/merge.js'),
  violation('arrow-cli', 'src/cli/broken.ts', '../effects/merge.js'),
  violation('arrow-console', 'src/console/broken.ts', '../kernel/clock.js'),
  violation('arrow-sandbox', 'src/sandbox/broken.ts', '../integrations/forge.js'),
  violation('arrow-unknown-zone', 'src/newcomer/broken.ts', '../kernel/clock.js'),
];

const ADAPTERS: readonly Planted[] = [
  ...['sqlite', 'in-memory', 'eventstoredb'].map((folder) =>
    violation(`adapter-${folder}`, `src/commands/names-${folder}.ts`, `../event-log/${folder}/adapter.js`),
  ),
  ...['plane', 'gitea', 'telegram', 'git', 'claude'].map((folder) =>
    violation(`adapter-${folder}`, `src/effects/names-${folder}.ts`, `../integrations/${folder}/adapter.js`),
  ),
];

const LAWS: readonly Planted[] = [
  violation('composition-is-the-top', 'src/commands/upwards.ts', '../main.js'),
  violation('forensics-calls-nobody', 'src/forensics/calls.ts', '../integrations/forge.js'),
  violation('nouns-apart', 'src/domain/task/nosy.ts', '../job/state.js'),
  violation('no-cycles', 'src/kernel/chicken.ts', './egg.js'),
  violation('no-barrels', 'src/sagas/barrelled.ts', '../kernel/index.js'),
  violation('no-drawers', 'src/sagas/rummages.ts', '../kernel/utils.js'),
  violation('no-drawers', 'src/sagas/manages.ts', './job-manager.js'),
  violation('no-drawers', 'src/sagas/serves.ts', './task-service.js'),
  violation('no-drawers', 'src/sagas/opens.ts', '../kernel/common/words.js'),
  violation('eventstore-client-in-one-place', 'src/event-log/client.ts', '@eventstore/db-client'),
  violation('sqlite3-in-three-places', 'src/http/database.ts', 'sqlite3'),
  violation('pure-zones-stay-pure', 'src/domain/task/injected.ts', '@nestjs/common'),
  violation('pure-zones-stay-pure', 'src/kernel/stream.ts', 'rxjs'),
  violation('pure-zones-without-node', 'src/kernel/files.ts', 'node:fs'),
  violation('no-test-tools-in-src', 'src/queue/tested.ts', 'planted-tool'),
  violation('src-without-tests', 'src/queue/faked.ts', '../../test/support/fake.js'),
  violation('everything-resolves', 'src/queue/lost.ts', './nowhere.js'),
];

export const VIOLATIONS: readonly Planted[] = [...ARROWS, ...ADAPTERS, ...LAWS];

/** What looks similar and is allowed; a rule that catches it is too wide. */
export const ALLOWED: readonly Omit<Planted, 'rule'>[] = [
  { file: 'src/application.module.ts', imports: './integrations/gitea/adapter.js' },
  { file: 'src/integrations/integrations.module.ts', imports: './gitea/adapter.js' },
  { file: 'src/integrations/gitea/own.ts', imports: './adapter.js' },
  { file: 'src/cli/composed.ts', imports: '../event-log/sqlite/adapter.js' },
  { file: 'src/sandbox/forge.ts', imports: '../integrations/gitea/wire.js' },
  { file: 'src/http/door.ts', imports: '../domain/task/commands.js' },
  { file: 'src/http/bus.ts', imports: '@nestjs/cqrs' },
  { file: 'src/projections/table.ts', imports: '../domain/task/events.js' },
  { file: 'src/projections/connection.ts', imports: 'sqlite3' },
  { file: 'src/event-log/eventstoredb/client.ts', imports: '@eventstore/db-client' },
  { file: 'src/domain/job/retry.ts', imports: './state.js' },
  { file: 'src/effects/timed.ts', imports: '../kernel/clock.js' },
];
