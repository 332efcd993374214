import { readFileSync } from 'node:fs';
import type { StatusKey } from '../kernel/pipeline/stage.js';
import type { Problem } from './configuration-invalid.js';
import { checkShape } from './projects-shape.js';
import type { ProjectEntry } from './projects-shape.js';

/** One entry of the project file with everything filled in; null = not configured. */
export interface Project {
  readonly repo: string;
  readonly prefix: string;
  readonly planeProjectId: string;
  readonly defaultBranch: string;
  /** Null only while neither the entry nor a forge says where to clone from. */
  readonly cloneUrl: string | null;
  readonly testCommand: string;
  readonly ci: 'forge' | 'local';
  readonly review: 'artifact' | 'forge';
  readonly artifacts: 'branch' | 'merge';
  readonly statusNames: Readonly<Partial<Record<StatusKey, string>>>;
  readonly staging: DeployTarget;
  readonly production: DeployTarget & { readonly rollbackCommand: string | null; readonly confirm: 'human' | 'auto' };
}

export interface DeployTarget {
  readonly command: string | null;
  readonly healthUrl: string | null;
  /** Tells which revision is deployed there; a command, or an address that answers with it. */
  readonly revisionCommand: string | null;
  readonly revisionUrl: string | null;
}

/** What an entry leaves open and the variables decide. */
export interface ProjectDefaults {
  readonly gitea: { readonly url: string; readonly owner: string } | null;
  readonly selfHostingRepo: string;
  readonly requireManualApprove: boolean;
}

export interface ReadProjects {
  readonly projects: readonly Project[];
  readonly problems: readonly Problem[];
}

/** `name` is the file as the operator wrote it, for messages. */
export function readProjects(path: string, name: string, defaults: ProjectDefaults): ReadProjects {
  const text = readText(path);
  if (text === null) {
    return {
      projects: [],
      problems: [{ where: name, given: 'a file that cannot be read', allowed: 'a readable file' }],
    };
  }
  const { entries, problems } = checkShape(text, name);
  const doubled = duplicates(entries, name);
  return { projects: entries.map((entry) => complete(entry, defaults)), problems: [...problems, ...doubled] };
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Compared without case: the forge and the tracker take `ORCH` and `orch` for one. */
function duplicates(entries: readonly ProjectEntry[], name: string): readonly Problem[] {
  return (['repo', 'prefix', 'planeProjectId'] as const).flatMap((key) => {
    const seen = entries.map((entry) => entry[key].toLowerCase());
    return entries.flatMap((entry, index): Problem[] => {
      const first = seen.indexOf(entry[key].toLowerCase());
      if (first === index) return [];
      const where = `${name}, projects[${index}].${key}`;
      return [{ where, given: JSON.stringify(entry[key]), allowed: `another one than that of projects[${first}]` }];
    });
  });
}

export function complete(entry: ProjectEntry, defaults: ProjectDefaults): Project {
  const { gitea } = defaults;
  const onForge = gitea === null ? null : `${gitea.url}/${gitea.owner}/${entry.repo}.git`;
  return {
    ...entry,
    cloneUrl: entry.cloneUrl ?? onForge,
    staging: targetOf(entry.staging),
    production: {
      ...targetOf(entry.production),
      rollbackCommand: entry.production.rollbackCommand ?? null,
      confirm: entry.production.confirm ?? confirmOf(entry.repo, defaults),
    },
  };
}

function targetOf(entry: ProjectEntry['staging']): DeployTarget {
  return {
    command: entry.command ?? null,
    healthUrl: entry.healthUrl ?? null,
    revisionCommand: entry.revisionCommand ?? null,
    revisionUrl: entry.revisionUrl ?? null,
  };
}

/** Decision CD-03: the orchestrator does not put itself into production without a person, unless that was switched off. */
function confirmOf(repo: string, defaults: ProjectDefaults): 'human' | 'auto' {
  return repo === defaults.selfHostingRepo && defaults.requireManualApprove ? 'human' : 'auto';
}
