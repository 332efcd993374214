import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'dotenv';
import type { Config } from './config.js';
import { frozen } from './config.js';
import { ConfigurationInvalid } from './configuration-invalid.js';
import type { Problem } from './configuration-invalid.js';
import { inconsistencies } from './variables/consistency.js';
import type { Environment } from './variables/environment.js';
import { groupsOf } from './groups.js';
import type { Groups } from './groups.js';
import { readProjects } from './projects.js';
import type { ReadProjects } from './projects.js';
import { readEnvironment } from './variables/read-environment.js';
import { reconcileOf } from './reconcile.js';
import { warningsOf } from './warnings.js';

/**
 * Reads the environment, `.env` in `cwd` beneath it, and the project file. Relative paths start at `cwd`; `env` itself is not
 * changed. Throws `ConfigurationInvalid`, which lists everything that is wrong.
 */
export function loadConfig(env: NodeJS.ProcessEnv, cwd: string): Config {
  const variables = { ...dotEnv(cwd), ...env };
  const { environment, problems } = readEnvironment(variables);
  const wrong = new Set(problems.map((problem) => problem.where));
  const groups = groupsOf(environment, cwd);
  const { sandbox, projects, problems: projectProblems } = projectsOf(environment, groups, cwd);
  const all: Problem[] = [...problems, ...inconsistencies(environment, wrong), ...projectProblems];
  if (all.length > 0) throw new ConfigurationInvalid(all);
  const warnings = warningsOf({ environment, names: Object.keys(variables), projects, sandbox });
  return frozen({ sandbox, projects, warnings, ...groups, reconcile: reconcileOf(environment) });
}

function dotEnv(cwd: string): NodeJS.ProcessEnv {
  const file = join(cwd, '.env');
  return existsSync(file) ? parse(readFileSync(file)) : {};
}

function projectsOf(env: Environment, groups: Groups, cwd: string): ReadProjects & { sandbox: boolean } {
  const name = env.ORCH_PROJECTS_FILE;
  const path = resolve(cwd, name);
  if (existsSync(path)) {
    return { sandbox: false, ...readProjects(path, name, { gitea: groups.gitea, ...groups.deploy }) };
  }
  if (groups.plane === null) return { sandbox: true, projects: [], problems: [] };
  const allowed = 'a file that lists the projects, because ORCH_PLANE_URL is set';
  return {
    sandbox: false,
    projects: [],
    problems: [{ where: 'ORCH_PROJECTS_FILE', given: `"${name}", which does not exist`, allowed }],
  };
}
