import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import type { Config } from '../../src/config/config.js';
import { ConfigurationInvalid } from '../../src/config/configuration-invalid.js';
import { loadConfig } from '../../src/config/load-config.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** An empty folder to start in, with these files. */
export function folderWith(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'orchestrator-config-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

export function load(env: NodeJS.ProcessEnv = {}, files: Readonly<Record<string, string>> = {}): Config {
  return loadConfig(env, folderWith(files));
}

/** The sentence with which these settings are refused. */
export function refusalOf(env: NodeJS.ProcessEnv, files: Readonly<Record<string, string>> = {}): string {
  try {
    load(env, files);
  } catch (error) {
    if (error instanceof ConfigurationInvalid) return error.message;
    throw error;
  }
  return 'accepted';
}

export const PLANE = {
  ORCH_PLANE_URL: 'https://plane.example/',
  ORCH_PLANE_API_TOKEN: 'plane-token',
  ORCH_PLANE_WORKSPACE: 'team',
  ORCH_PLANE_WEBHOOK_SECRET: 'plane-secret',
};

export const GITEA = {
  ORCH_GITEA_URL: 'https://git.example',
  ORCH_GITEA_TOKEN: 'gitea-token',
  ORCH_GITEA_OWNER: 'team',
  ORCH_GITEA_WEBHOOK_SECRET: 'gitea-secret',
};

export const PROJECT = { repo: 'enduro-trails', prefix: 'ET', planeProjectId: '7f0c' };

export function projectsFile(...projects: readonly object[]): { readonly 'projects.json': string } {
  return { 'projects.json': JSON.stringify({ projects }) };
}
