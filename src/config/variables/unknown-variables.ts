import { closest, distance } from 'fastest-levenshtein';
import { VARIABLES } from './environment.js';

/** What the orchestrator itself sets for agents, hooks and git, and what its tests read: present, for instance, where it works on itself. */
const SET_FOR_OTHERS = new Set([
  'ORCH_WORK_ITEM',
  'ORCH_ROLE',
  'ORCH_STAGE',
  'ORCH_REPO',
  'ORCH_BRANCH',
  'ORCH_RUN_ID',
  'ORCH_ATTEMPT',
  'ORCH_ARTIFACTS_DIR',
  'ORCH_TASK_FILE',
  'ORCH_ACTION',
  'ORCH_ENVIRONMENT',
  'ORCH_DEPLOY_ID',
  'ORCH_EXPECTED_REVISION',
  'ORCH_EXPECTED_TREE',
  'ORCH_PREVIOUS_REVISION',
  // Read by the staging check, in the container of the service.
  'ORCH_STAGING',
  'ORCH_GIT_USERNAME',
  'ORCH_GIT_TOKEN',
  'ORCH_GIT_OWNER',
  'ORCH_GIT_MIRROR',
]);

/** A misspelt variable would otherwise be a setting that silently does nothing. */
export function unknownVariableWarnings(names: readonly string[]): readonly string[] {
  const known = new Set<string>(VARIABLES);
  return names
    .filter((name) => name.startsWith('ORCH_') && !name.startsWith('ORCH_TEST_'))
    .filter((name) => !known.has(name) && !SET_FOR_OTHERS.has(name))
    .map((name) => `${name} is no setting and changes nothing${didYouMean(name, VARIABLES)}.`);
}

/** Empty when nothing known is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = closest(name, known);
  return distance(name, nearest) <= Math.max(2, Math.floor(name.length / 4)) ? ` (did you mean ${nearest}?)` : '';
}
