import * as commands from '../../../src/domain/post-deploy/commands.js';
import { postDeployDecider } from '../../../src/domain/post-deploy/decide.js';
import type { PostDeployEvent, ProbeAnswer, Revision } from '../../../src/domain/post-deploy/events.js';
import type { PostDeployState } from '../../../src/domain/post-deploy/state.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { at, commandContext, History } from '../given.js';
import { AGENT_PROJECT, policyWith, SELF_HOSTING_PROJECT } from '../policy.js';

export type Production = History<commands.PostDeployCommand, PostDeployEvent, PostDeployState>;

export const SHOP = { ...AGENT_PROJECT, productionHook: true, productionHealth: true, productionRollback: true };
export const OURS = { ...SELF_HOSTING_PROJECT, productionHealth: true, productionRollback: true };

/** A window of 100 s, a check every 10 s, three failures in a row are too many; rollbacks are switched on. */
export function watchedPolicy(postDeploy: Partial<Policy['postDeploy']> = {}): Policy {
  const settings = { windowS: 100, intervalS: 10, autoRollback: true, ...postDeploy };
  return policyWith({ postDeploy: settings, projects: [SHOP, OURS] });
}

export function productionOf(policy: Policy = watchedPolicy()): Production {
  return History.begin(postDeployDecider, policy);
}

export function revision(name: string): Revision {
  return { head: name, codeTree: `tree-of-${name}` };
}

export interface Release {
  readonly repo?: string;
  readonly taskId: number;
  readonly deployId: number;
  readonly head: string;
}

type Class<C extends commands.PostDeployCommand> = new (
  stream: string,
  payload: C['payload'],
  context: C['context'],
) => C;

/** Every wish is a command of its own. */
function wish<C extends commands.PostDeployCommand>(type: Class<C>, payload: C['payload'], seconds: number): C {
  return new type('post-deploy-shop', payload, commandContext({ at: at(seconds), actor: 'policy:post-deploy' }));
}

export function announce({ repo = SHOP.repo, taskId, deployId, head }: Release, seconds = 0): commands.AnnounceRelease {
  const about = { repo, deployId, taskId, workItem: `ET-00${taskId}`, visit: 7, round: 1 };
  return wish(commands.AnnounceRelease, { ...about, revision: revision(head) }, seconds);
}

/** The watch's number is that of the task and three zeros. */
export function arm(taskId: number, seconds = 0, repo = SHOP.repo): commands.ArmWatch {
  return wish(commands.ArmWatch, { repo, watchId: taskId * 1000, taskId, workItem: `ET-00${taskId}` }, seconds);
}

/** A check in its time, of a watch that was armed at `armedAt`. */
export function probe(
  watchId: number,
  check: number,
  answer: ProbeAnswer,
  { armedAt = 0, repo = SHOP.repo }: { readonly armedAt?: number; readonly repo?: string } = {},
): commands.ReportProbe {
  const detail = { ok: 'HTTP 200', failed: 'HTTP 503', unmeasured: 'ENOTFOUND: no such name' }[answer];
  return wish(commands.ReportProbe, { repo, watchId, check, answer, detail }, armedAt + check * 10);
}

export function close(watchId: number, seconds: number, repo = SHOP.repo): commands.CloseWatch {
  return wish(commands.CloseWatch, { repo, watchId }, seconds);
}

export function rollbackEnded(
  deployId: number,
  watchId: number,
  { succeeded = true, seconds = 0 }: { readonly succeeded?: boolean; readonly seconds?: number } = {},
): commands.ReportRollback {
  const reason = succeeded ? 'the hook reports healthy (exit 0)' : 'the hook failed (exit 2)';
  return wish(commands.ReportRollback, { repo: SHOP.repo, deployId, watchId, succeeded, reason }, seconds);
}

export function logPublished(watchId: number, head: string): commands.ReportWatchLogPublished {
  return wish(commands.ReportWatchLogPublished, { repo: SHOP.repo, watchId, workItem: 'ET-001', head }, 0);
}

/** As many checks of one answer as asked for, from `first` on. */
export function probes(
  watchId: number,
  answers: readonly ProbeAnswer[],
  {
    first = 1,
    armedAt = 0,
    repo = SHOP.repo,
  }: { readonly first?: number; readonly armedAt?: number; readonly repo?: string } = {},
): readonly commands.ReportProbe[] {
  return answers.map((answer, index) => probe(watchId, first + index, answer, { armedAt, repo }));
}

export const GOOD_WINDOW: readonly ProbeAnswer[] = Array.from({ length: 10 }, () => 'ok' as const);
export const BAD_START: readonly ProbeAnswer[] = ['failed', 'failed', 'failed'];
