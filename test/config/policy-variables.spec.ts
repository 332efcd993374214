import { describe, expect, test } from '@jest/globals';
import { POLICY_PATHS, settingsFrom } from '../../src/config/variables/policy-variables.js';
import { Environment, VARIABLES, type Variable } from '../../src/config/variables/environment.js';

/** Another value of the same kind. */
function another(value: unknown): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (Array.isArray(value)) return ['another'];
  return typeof value === 'object' ? { analyst: 7 } : undefined;
}

/** The reconciler's own text, which is read as JSON. */
const TEXTS: Partial<Record<Variable, string>> = {
  ORCH_RECONCILE_GRACE_OVERRIDES_JSON: '{"review":7}',
  ORCH_SELF_HOSTING_REPO: 'another',
};

function leavesOf(value: unknown, path = ''): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || path.split('.').length === 2)
    return [[path, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, path === '' ? key : `${path}.${key}`));
}

function changedPaths(variable: Variable): readonly string[] {
  const environment = Object.assign(new Environment(), {
    [variable]: TEXTS[variable] ?? another(new Environment()[variable]),
  });
  const before = new Map(leavesOf(settingsFrom(new Environment())));
  return leavesOf(settingsFrom(environment)).flatMap(([path, text]) => (before.get(path) === text ? [] : [path]));
}

describe('the table of settings that decisions may know', () => {
  const numeric = VARIABLES.filter((name) => another(new Environment()[name]) !== undefined || name in TEXTS);

  test.each(numeric)('%s changes exactly the place that is listed for it, or none', (variable) => {
    const listed = (POLICY_PATHS as Partial<Record<Variable, string>>)[variable];
    expect(changedPaths(variable)).toEqual(listed === undefined ? [] : [listed]);
  });

  test('names every place of the settings but the projects', () => {
    const places = leavesOf(settingsFrom(new Environment())).map(([path]) => path);
    expect([...Object.values(POLICY_PATHS)].sort()).toEqual(places.filter((path) => path !== 'projects').sort());
  });
});
