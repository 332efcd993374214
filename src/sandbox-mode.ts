import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Config } from './config/config.js';
import { loadConfig } from './config/load-config.js';
import type { SandboxDesk } from './http/sandbox/sandbox.controller.js';
import { settingsFor } from './sandbox/coordinates.js';
import type { SandboxProject } from './sandbox/project.js';
import { startSandbox, type Sandbox } from './sandbox/sandbox.js';

export interface SandboxMode {
  readonly config: Config;
  readonly desk: SandboxDesk;
  close(): Promise<void>;
}

/** Without any configuration: a tracker, a forge and an agent of our own on loopback, and a configuration that points to them. */
export async function startSandboxMode(config: Config, env: NodeJS.ProcessEnv, cwd: string): Promise<SandboxMode> {
  const { host, port } = config.server;
  const own = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`;
  const webhookUrls = { plane: `${own}/webhook/plane`, gitea: `${own}/webhook/gitea` };
  const sandbox = await startSandbox({ dataDir: config.dataDir, webhookUrls });
  const projectsFile = join(resolve(cwd, config.dataDir), 'sandbox', 'projects.json');
  await writeFile(projectsFile, `${JSON.stringify({ projects: sandbox.projects.map(asSettingsSay) }, null, 2)}\n`);
  const pointed = { ...settingsFor(sandbox.coordinates), ...env, ORCH_PROJECTS_FILE: projectsFile };
  return { config: loadConfig(pointed, cwd), desk: deskOf(sandbox), close: () => sandbox.close() };
}

/** Whether a person confirms is left to ORCH_SELF_HOSTING_REPO, as for any project that does not say. */
function asSettingsSay({ production, ...project }: SandboxProject): object {
  return { ...project, production: production && { ...production, confirm: undefined } };
}

function deskOf(sandbox: Sandbox): SandboxDesk {
  const { project, asPerson } = sandbox;
  return {
    trackerUrl: sandbox.trackerUrl,
    forgeUrl: sandbox.forgeUrl,
    repositoryPath: sandbox.bareRepositories[project.repo] ?? '',
    defaultBranch: project.defaultBranch,
    prefix: project.prefix,
    createItem: async (title, description) => {
      const { itemId, workItem } = await asPerson.createItem(title, description);
      await asPerson.setStatus(itemId, 'In Progress');
      return { itemId, workItem };
    },
    setStatus: (itemId, statusName) => asPerson.setStatus(itemId, statusName),
    isHealthy: (environment) => !sandbox.environments.isSick(project.repo, environment),
    setHealthy: (environment, healthy) => sandbox.environments.makeSick(project.repo, environment, !healthy),
  };
}
