import { POLICY_PATHS, settingsFrom, type PolicyVariable } from '../../../config/variables/policy-variables.js';
import { VARIABLES, type Variable } from '../../../config/variables/environment.js';
import { readEnvironment } from '../../../config/variables/read-environment.js';
import { didYouMean } from '../../../config/variables/unknown-variables.js';
import type { Policy } from '../../../kernel/pipeline/policy.js';
import { UNREAD } from './beyond.js';

/** What was given to `--set` cannot be set; one sentence for all of it. */
export class OverrideRefused extends Error {
  constructor(sentences: readonly string[]) {
    super(sentences.join('\n'));
    this.name = 'OverrideRefused';
  }
}

/** One setting with another value. */
export interface Override {
  readonly variable: PolicyVariable;
  /** `serialGate.pauseEnabled`. */
  readonly path: string;
  readonly value: unknown;
}

/** A variable that no decision ever sees, and what it is for. */
export interface Unread {
  readonly variable: string;
  readonly why: string;
}

export interface Overrides {
  readonly settings: readonly Override[];
  readonly unread: readonly Unread[];
}

/** `ORCH_MAX_CONCURRENCY=2`, checked as at a start of the service. */
export function overridesFrom(given: readonly string[]): Overrides {
  const pairs = given.map(pairOf);
  const { environment, problems } = readEnvironment(Object.fromEntries(pairs));
  if (problems.length > 0) {
    throw new OverrideRefused(
      problems.map(({ where, given: text, allowed }) => `${where}: given ${text}, allowed: ${allowed}`),
    );
  }
  const values = settingsFrom(environment);
  const isRead = (name: Variable): name is PolicyVariable => name in POLICY_PATHS;
  const names = [...new Set(pairs.map(([name]) => name))];
  return {
    settings: names.filter(isRead).map((variable) => {
      const path = POLICY_PATHS[variable];
      return { variable, path, value: valueAt(values, path) };
    }),
    unread: names.filter((name) => !isRead(name)).map((name) => ({ variable: name, why: UNREAD[name] })),
  };
}

function pairOf(text: string): readonly [Variable, string] {
  const [, name, value] = /^([A-Za-z0-9_]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new OverrideRefused([`'${text}' is not of the form NAME=value, such as ORCH_MAX_CONCURRENCY=2`]);
  const known = VARIABLES.find((variable) => variable === name);
  if (known) return [known, value];
  throw new OverrideRefused([`${name} is no setting${didYouMean(name, VARIABLES) || namesThatCount()}`]);
}

/** Where nothing is near, all that decisions look at. */
function namesThatCount(): string {
  return `; decisions look at ${Object.keys(POLICY_PATHS).join(', ')}`;
}

export function valueAt(policy: Policy, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>>)[key], policy);
}

/** The settings in force with these in the place of theirs. */
export function overridden(policy: Policy, settings: readonly Override[]): Policy {
  const changed = settings.reduce(withOne, policy);
  return { ...changed, projects: confirmations(policy, changed) };
}

function withOne(policy: Policy, { path, value }: Override): Policy {
  const [group, key] = path.split('.') as [keyof Policy, string?];
  if (key === undefined) return { ...policy, [group]: value };
  return { ...policy, [group]: { ...(policy[group] as object), [key]: value } };
}

/** Who confirms production follows from two settings, unless the project file says it, which the log does not tell (CD-03). */
function confirmations(before: Policy, after: Policy): Policy['projects'] {
  const [old, now] = [before.deploy, after.deploy];
  if (old.selfHostingRepo === now.selfHostingRepo && old.requireManualApprove === now.requireManualApprove)
    return after.projects;
  return after.projects.map((project) => {
    if (project.repo !== old.selfHostingRepo && project.repo !== now.selfHostingRepo) return project;
    const asks = project.repo === now.selfHostingRepo && now.requireManualApprove;
    return { ...project, confirm: asks ? 'human' : 'auto' };
  });
}
