/** One entry of the project file, as the sandbox would have a person write it. */
export interface SandboxProject {
  readonly repo: string;
  readonly prefix: string;
  readonly planeProjectId: string;
  readonly defaultBranch: string;
  readonly testCommand: string;
  readonly ci: 'forge';
  readonly review: 'artifact';
  readonly artifacts: 'branch' | 'merge';
  readonly staging?: { readonly command: string; readonly healthUrl: string; readonly revisionCommand: string };
  readonly production?: {
    readonly command: string;
    readonly rollbackCommand: string;
    readonly healthUrl: string;
    readonly confirm: 'auto' | 'human';
  };
}

export interface ProjectFacts {
  readonly repo: string;
  readonly prefix: string;
  readonly trackerProject: string;
  readonly environmentsDir: string;
  readonly environmentsUrl: string;
  /** Null: no hooks, the deployer agent does both stages. */
  readonly confirm: 'auto' | 'human' | null;
  readonly artifacts: 'branch' | 'merge';
}

export function projectOf(facts: ProjectFacts): SandboxProject {
  const { repo, prefix, confirm, artifacts } = facts;
  const base = {
    repo,
    prefix,
    planeProjectId: facts.trackerProject,
    defaultBranch: 'main',
    testCommand: 'node --test',
  };
  const plain = { ...base, ci: 'forge' as const, review: 'artifact' as const, artifacts };
  if (confirm === null) return plain;
  const target = shellWord(`${facts.environmentsDir}/${repo}`);
  const health = (environment: string) => `${facts.environmentsUrl}/${repo}/${environment}/health`;
  const command = (action: string) => `node deploy.js ${action} --to ${target}`;
  return {
    ...plain,
    staging: {
      command: command('staging'),
      healthUrl: health('staging'),
      revisionCommand: `cat ${shellWord(`${facts.environmentsDir}/${repo}/staging/REVISION`)}`,
    },
    production: {
      command: command('production'),
      rollbackCommand: command('rollback'),
      healthUrl: health('production'),
      confirm,
    },
  };
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
