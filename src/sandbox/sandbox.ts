import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SandboxCoordinates } from './coordinates.js';
import { startEnvironments, type SandboxEnvironments } from './environments.js';
import type { ForgeSettings } from './forge/desk.js';
import { startForge, type SandboxForge } from './forge/server.js';
import { newMemory, type SandboxMemory } from './memory.js';
import { JsonState } from './json-state.js';
import { personIn, type Person } from './person.js';
import { projectOf, type SandboxProject } from './project.js';
import type { RetryPolicy } from './tracker/webhooks/outbox.js';
import { startTracker, type SandboxTracker } from './tracker/server.js';
import { SandboxBroken } from './sandbox-broken.js';

export interface WebhookUrls {
  readonly plane: string | null;
  readonly gitea: string | null;
}

export interface SandboxOptions {
  /** Everything is kept below `<dataDir>/sandbox`. */
  readonly dataDir: string;
  /** Asked for once; afterwards the ports are remembered. 0 or absent: any free one. */
  readonly ports?: { readonly tracker?: number; readonly forge?: number; readonly environments?: number };
  readonly webhookUrls?: WebhookUrls;
  /** Made at the first start only. */
  readonly projects?: readonly { readonly prefix: string; readonly repo: string }[];
  /** `null`: no hooks, the deployer agent does both deploy stages. */
  readonly confirm?: 'auto' | 'human' | null;
  /** Where documents go that are written after the merge. */
  readonly artifacts?: 'branch' | 'merge';
  readonly retry?: Partial<RetryPolicy>;
  readonly trackerLimitPerMinute?: number;
  readonly forge?: Partial<ForgeSettings>;
  readonly ciCommand?: readonly [string, ...string[]];
}

export interface Sandbox extends SandboxCoordinates {
  readonly coordinates: SandboxCoordinates;
  /** The first project, ready for the project file. */
  readonly project: SandboxProject;
  readonly asPerson: Person;
  personOf(repo: string): Person;
  /** State, fault switches and settings of either server. */
  readonly tracker: SandboxTracker;
  readonly forge: SandboxForge;
  readonly environments: SandboxEnvironments;
  sendWebhooksTo(urls: WebhookUrls): void;
  /** The next deployment to that environment ends with this exit code. */
  failNextDeploy(environment: 'staging' | 'production', exitCode: 1 | 2, repo?: string): Promise<void>;
  close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const home = resolve(options.dataDir, 'sandbox');
  const memory = await JsonState.open(join(home, 'state', 'sandbox.json'), () =>
    newMemory(options.projects, options.ports),
  );
  const environmentsDir = join(home, 'environments');
  const environments = await startEnvironments(environmentsDir, memory.value.ports.environments);
  const tracker = await startTracker(trackerOptions(options, home, memory.value));
  const forge = await startForge(forgeOptions(options, home, memory.value));
  memory.change(
    (value) => (value.ports = { tracker: tracker.port, forge: forge.port, environments: environments.port }),
  );
  await memory.saved();
  const coordinates = coordinatesOf(options, memory.value, { tracker, forge, environmentsDir });
  return assemble(coordinates, { tracker, forge, environments });
}

interface Servers {
  readonly tracker: SandboxTracker;
  readonly forge: SandboxForge;
  readonly environments: SandboxEnvironments;
}

function assemble(coordinates: SandboxCoordinates, servers: Servers): Sandbox {
  const { tracker, forge, environments } = servers;
  const projectNamed = (repo: string) => coordinates.projects.find((project) => project.repo === repo);
  const [project] = coordinates.projects;
  if (!project) throw new SandboxBroken('it needs at least one project');
  return {
    ...coordinates,
    ...{ coordinates, project, tracker, forge, environments, asPerson: personIn(coordinates) },
    personOf: (repo) => personIn(coordinates, projectNamed(repo)),
    sendWebhooksTo: (urls) => {
      tracker.sendWebhooksTo(urls.plane);
      forge.sendWebhooksTo(urls.gitea);
    },
    failNextDeploy: async (environment, exitCode, repo = project.repo) => {
      const directory = join(coordinates.environmentsDir, repo, environment);
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, 'fail-next'), `${exitCode}\n`);
    },
    close: async () => {
      await Promise.all([tracker.close(), forge.close(), environments.close()]);
    },
  };
}

function trackerOptions(options: SandboxOptions, home: string, memory: SandboxMemory) {
  return {
    ...{ stateDir: join(home, 'state'), port: memory.ports.tracker, webhookUrl: options.webhookUrls?.plane ?? null },
    projects: memory.projects.map(({ prefix, repo }) => ({ identifier: prefix, name: repo })),
    retry: { delayMs: 250, retriesMax: 12_000, ...options.retry },
    limitPerMinute: options.trackerLimitPerMinute ?? 100_000,
  };
}

function forgeOptions(options: SandboxOptions, home: string, memory: SandboxMemory) {
  return {
    ...{ stateDir: join(home, 'state'), reposDir: join(home, 'repos'), port: memory.ports.forge },
    ...{ owner: memory.owner, repositories: memory.projects.map(({ repo }) => repo) },
    sample: fileURLToPath(new URL('./sample/', import.meta.url)),
    ...{ webhookUrl: options.webhookUrls?.gitea ?? null, webhookSecret: memory.forgeWebhookSecret },
    settings: { mergeCheckMs: 150, conflictsAnswer: 409 as const, ...options.forge },
    ci: {
      command: options.ciCommand ?? ([process.execPath, '--test'] as const),
      ...{ timeoutMs: 60_000, logDir: join(home, 'ci-logs') },
    },
  };
}

function coordinatesOf(
  options: SandboxOptions,
  memory: SandboxMemory,
  parts: { readonly tracker: SandboxTracker; readonly forge: SandboxForge; readonly environmentsDir: string },
): SandboxCoordinates {
  const { tracker, forge, environmentsDir } = parts;
  const [trackerBot, trackerPerson] = bothOf(tracker.state.accounts);
  const [forgeBot, forgePerson] = bothOf(forge.state.accounts);
  const environmentsUrl = `http://127.0.0.1:${memory.ports.environments}`;
  const confirm = options.confirm === undefined ? 'auto' : options.confirm;
  const { artifacts = 'branch' } = options;
  const ways = { confirm, artifacts, environmentsDir, environmentsUrl };
  const projects = tracker.state.projects.map(({ id, identifier, name }) =>
    projectOf({ repo: name, prefix: identifier, trackerProject: id, ...ways }),
  );
  const [project] = projects;
  if (!project) throw new SandboxBroken('it needs at least one project');
  return {
    ...{ trackerUrl: `http://127.0.0.1:${tracker.port}`, forgeUrl: `http://127.0.0.1:${forge.port}`, environmentsUrl },
    ...{ workspace: tracker.state.workspaceSlug, owner: memory.owner, projects, environmentsDir },
    ...{ projectId: project.planeProjectId, repo: project.repo, agentCommand: agentCommand() },
    tokens: {
      ...{ trackerBot: trackerBot.apiKey, trackerPerson: trackerPerson.apiKey },
      ...{ forgeBot: forgeBot.token, forgePerson: forgePerson.token },
    },
    secrets: { plane: tracker.state.webhookSecret, gitea: memory.forgeWebhookSecret },
    accounts: {
      ...{ trackerBotId: trackerBot.id, trackerPersonId: trackerPerson.id },
      ...{ forgeBotLogin: forgeBot.login, forgePersonLogin: forgePerson.login },
    },
    bareRepositories: Object.fromEntries(projects.map(({ repo }) => [repo, forge.repositoryDir(repo)])),
  };
}

function bothOf<T>(accounts: readonly T[]): readonly [T, T] {
  const [bot, person] = accounts;
  if (!bot || !person) throw new SandboxBroken('its state has lost the accounts');
  return [bot, person];
}

/** Beside this file once it is built; under a test runner this file is the source, and the agent is taken from `dist`. */
function agentCommand(): string {
  const beside = fileURLToPath(new URL('./agent/scripted-agent.js', import.meta.url));
  const built = fileURLToPath(new URL('../../dist/sandbox/agent/scripted-agent.js', import.meta.url));
  const file = existsSync(beside) ? beside : built;
  return [process.execPath, file].map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' ');
}
