import { earlierRounds } from './price-change.js';
import type { PARTS } from './roles.js';
import { type Scene } from './roles.js';
import { strikes } from './directives.js';

/** How a run ends that does not do its work: null where it does. `hang` never ends by itself. */
export type Ending = { readonly exitCode: number } | 'hang';

const USAGE_RESET_S = 5;

/**
 * A run that breaks off leaves nothing in the worktree, so its count is the job's attempt; and it strikes on a first visit only,
 * which shows in what the role has not left yet.
 */
export function misbehaviourOf(scene: Scene): Ending | null {
  if (visitedBefore(scene)) return null;
  const done = scene.assignment.attempt - 1;
  const action = ACTIONS.find((name) => strikes(scene.directives, name, done));
  return action === undefined ? null : misbehave(scene, action);
}

const ACTIONS = [
  'crash',
  'hang',
  'deaf',
  'no-result',
  'no-artifact',
  'leak',
  'error',
  'overload',
  'rate-limit',
  'usage-limit',
] as const;

function misbehave(scene: Scene, action: (typeof ACTIONS)[number]): Ending {
  const { transcript } = scene;
  switch (action) {
    case 'crash':
      process.stderr.write('scripted agent: crashed as it was told to\n');
      return { exitCode: 1 };
    case 'hang':
      return 'hang';
    case 'deaf':
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
        process.removeAllListeners(signal).on(signal, () => undefined);
      return 'hang';
    case 'no-result':
      return { exitCode: 0 };
    case 'no-artifact':
      transcript.succeeded('All done.');
      return { exitCode: 0 };
    case 'leak':
      scene.artifacts.write('notes.md', `The forge takes ${forgeToken()}.\n`);
      transcript.succeeded('All done.');
      return { exitCode: 0 };
    case 'error':
      transcript.failed('API Error: 400 the request makes no sense', 400);
      return { exitCode: 1 };
    case 'overload':
      transcript.failed('API Error: 529 Overloaded.', 529);
      return { exitCode: 1 };
    case 'rate-limit':
      transcript.failed('API Error: Request rejected (429)', 429);
      return { exitCode: 1 };
    case 'usage-limit':
      transcript.limitReached(Math.floor(Date.now() / 1000) + USAGE_RESET_S);
      transcript.failed("You've hit your 5-hour limit", 429);
      return { exitCode: 1 };
  }
}

/** Has the form of a credential and opens nothing. In pieces, or this file would be a finding itself. */
function forgeToken(): string {
  return ['gh', 'p_', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('');
}

const LEFT_BEHIND: Readonly<Record<keyof typeof PARTS, string>> = {
  analyst: '01-brd.md',
  architect: '06-adr/ADR-001-a-promotion-per-file.md',
  reviewer: '12-review.md',
  tester: '13-test-report.md',
};

function visitedBefore(scene: Scene): boolean {
  const { role, stage, workItem } = scene.assignment;
  if (role === 'developer') return earlierRounds(scene.root, workItem) > 0;
  const deployLog = stage === 'deploy-staging' ? '15-staging-log.md' : '14-deploy-log.md';
  return scene.artifacts.versionOf(LEFT_BEHIND[role] ?? deployLog) > 0;
}
