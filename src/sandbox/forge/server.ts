import { join } from 'node:path';
import { Faults } from '../faults.js';
import { JsonState } from '../json-state.js';
import { listenOnLoopback, loopbackServer } from '../loopback-server.js';
import { WebhookPoster } from '../webhook-post.js';
import { CiRunner, type CiOptions } from './ci.js';
import { lockByKey, type ForgeDesk, type ForgeSettings } from './desk.js';
import { BareRepository } from './git/bare-repository.js';
import { seedRepository } from './git/seed.js';
import { ForgeOutbox } from './outbox.js';
import { observeBranches } from './refs.js';
import { branchRoutes } from './routes/branches.js';
import { commitRoutes } from './routes/commits.js';
import { guardForge } from './routes/entrance.js';
import { gitRoutes } from './routes/git.js';
import { ALL_EVENTS, hookRoutes } from './routes/hooks.js';
import { mergeRoutes } from './routes/merges.js';
import { pullRoutes } from './routes/pulls.js';
import { reviewRoutes } from './routes/reviews.js';
import { forgeTime, newForge, type ForgeState, type Protection } from './state.js';
import { SandboxBroken } from '../sandbox-broken.js';

export interface ForgeOptions {
  readonly stateDir: string;
  readonly reposDir: string;
  readonly port: number;
  readonly owner: string;
  readonly repositories: readonly string[];
  readonly sample: string;
  readonly webhookUrl: string | null;
  readonly webhookSecret: string;
  readonly settings: ForgeSettings;
  readonly ci: CiOptions;
}

export interface SandboxForge {
  readonly port: number;
  readonly faults: Faults;
  readonly state: ForgeState;
  readonly settings: ForgeSettings;
  repositoryDir(name: string): string;
  protect(name: string, rule: Partial<Protection>): void;
  sendWebhooksTo(url: string | null): void;
  pending(): number;
  close(): Promise<void>;
}

export async function startForge(options: ForgeOptions): Promise<SandboxForge> {
  const state = await JsonState.open(join(options.stateDir, 'forge.json'), () =>
    newForge(options.owner, options.repositories),
  );
  const faults = new Faults();
  const poster = new WebhookPoster(5_000);
  const desk = deskOf(options, state, faults, poster);
  await seedAll(options, desk);
  const app = await serverFor(desk, options.reposDir);
  const port = await listenOnLoopback(app, options.port);
  desk.baseUrl = `http://127.0.0.1:${port}`;
  pointHooks(desk, options, options.webhookUrl);
  await catchUp(desk);
  return {
    ...{ port, faults, state: state.value, settings: desk.settings },
    repositoryDir: (name) => repositoryDir(options, name),
    protect: (name, rule) => protect(desk, name, rule),
    sendWebhooksTo: (url) => pointHooks(desk, options, url),
    pending: () => state.value.outbox.length,
    close: async () => {
      await app.close();
      await desk.ci.close();
      await poster.close();
      await desk.outbox.close();
      await state.close();
    },
  };
}

function deskOf(options: ForgeOptions, state: JsonState<ForgeState>, faults: Faults, poster: WebhookPoster): ForgeDesk {
  const lock = lockByKey();
  const desk: ForgeDesk = {
    ...{ state, faults, outbox: new ForgeOutbox(state, faults, poster), settings: { ...options.settings } },
    ci: new CiRunner(options.ci, () => desk),
    baseUrl: '',
    git: ({ name }) => new BareRepository(repositoryDir(options, name)),
    alone: (repository, work) => lock(repository.name, work),
  };
  return desk;
}

function repositoryDir(options: ForgeOptions, name: string): string {
  return join(options.reposDir, `${name}.git`);
}

async function seedAll(options: ForgeOptions, desk: ForgeDesk): Promise<void> {
  for (const repository of desk.state.value.repositories) {
    await seedRepository(repositoryDir(options, repository.name), options.sample, repository.defaultBranch);
    if (Object.keys(repository.refs).length > 0) continue;
    const refs = await desk.git(repository).branches();
    desk.state.change(() => (repository.refs = refs));
  }
}

async function serverFor(desk: ForgeDesk, reposDir: string) {
  const brokenBody = { message: '', url: `${desk.baseUrl}/api/swagger` };
  const app = loopbackServer({ faults: desk.faults, saved: () => desk.state.saved(), brokenBody });
  guardForge(app, desk);
  branchRoutes(app, desk);
  pullRoutes(app, desk);
  mergeRoutes(app, desk);
  reviewRoutes(app, desk);
  commitRoutes(app, desk);
  hookRoutes(app, desk);
  await gitRoutes(app, desk, reposDir);
  return app;
}

/** The hook that a person would have set up in the settings page: every event, JSON, with a secret. */
function pointHooks(desk: ForgeDesk, options: ForgeOptions, url: string | null): void {
  desk.state.change((state) => {
    for (const { hooks } of state.repositories) {
      const own = hooks.findIndex(({ id }) => id === 1);
      if (own >= 0) hooks.splice(own, 1);
      const { webhookSecret: secret } = options;
      if (url !== null) hooks.unshift({ id: 1, url, secret, events: ALL_EVENTS, active: true, at: forgeTime() });
    }
  });
}

/** What a killed process left half done: branches that moved untold, deliveries in the queue, tests that never ended. */
async function catchUp(desk: ForgeDesk): Promise<void> {
  for (const repository of desk.state.value.repositories) {
    await desk.alone(repository, () => observeBranches(desk, repository, 'delivery-bot'));
  }
  desk.outbox.wake();
  desk.ci.wake();
}

function protect(desk: ForgeDesk, name: string, rule: Partial<Protection>): void {
  const repository = desk.state.value.repositories.find((candidate) => candidate.name === name);
  if (!repository) throw new SandboxBroken(`the forge has no repository ${name}`);
  desk.state.change(() => (repository.protection = { ...repository.protection, ...rule }));
}
