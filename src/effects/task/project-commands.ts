import type { Config } from '../../config/config.js';
import type { Project } from '../../config/projects.js';
import type { Worktrees } from '../../integrations/worktrees.js';
import { runAsGroup } from './process-group.js';

const TEST_TIMEOUT_MS = 15 * 60_000;
const REVISION_TIMEOUT_MS = 30_000;
const TAIL_LENGTH = 600;

export type StagingRevision =
  | { readonly kind: 'not-configured' }
  | { readonly kind: 'error'; readonly reason: string }
  | { readonly kind: 'read'; readonly revision: string };

/** The commands of the project file, run in clean checkouts with nothing of ours in their environment. */
export class ProjectCommands {
  constructor(
    private readonly config: Pick<Config, 'projects'>,
    private readonly worktrees: Worktrees,
  ) {}

  of(repo: string): Project | undefined {
    return this.config.projects.find((project) => project.repo === repo);
  }

  testCommandOf(repo: string): string {
    return this.of(repo)?.testCommand ?? 'npm test';
  }

  /** A signal ends them; they have no result then. */
  async runTests(
    repo: string,
    commit: string,
    signal?: AbortSignal,
  ): Promise<{ readonly passed: boolean; readonly tail: string }> {
    const command = this.testCommandOf(repo);
    const name = `tests-${commit.slice(0, 12)}`;
    const directory = await this.worktrees.checkout(repo, commit, name);
    try {
      const bounds = { timeoutMs: TEST_TIMEOUT_MS, ...(signal ? { signal } : {}) };
      const run = await runAsGroup(command, { ...PLAIN, cwd: directory }, bounds);
      return { passed: run.exitCode === 0, tail: run.all.slice(-TAIL_LENGTH) };
    } finally {
      await this.worktrees.removeCheckout(repo, name);
    }
  }

  async stagingRevision(repo: string): Promise<StagingRevision> {
    const staging = this.of(repo)?.staging;
    if (staging?.revisionCommand) return this.revisionFromCommand(staging.revisionCommand);
    if (staging?.revisionUrl) return revisionFromUrl(staging.revisionUrl);
    return { kind: 'not-configured' };
  }

  private async revisionFromCommand(command: string): Promise<StagingRevision> {
    const run = await runAsGroup(command, PLAIN, { timeoutMs: REVISION_TIMEOUT_MS });
    if (run.exitCode !== 0)
      return { kind: 'error', reason: `exit ${run.exitCode ?? 'unknown'}: ${run.all.slice(-TAIL_LENGTH)}` };
    return { kind: 'read', revision: run.stdout.trim() };
  }
}

const PLAIN = {
  shell: true,
  all: true,
  reject: false,
  stdin: 'ignore',
  extendEnv: false,
  env: plainEnvironment(),
} as const;

/** What any program needs to run, and nothing secret of ours. */
export function plainEnvironment(): Readonly<Record<string, string>> {
  const names = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

async function revisionFromUrl(url: string): Promise<StagingRevision> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(REVISION_TIMEOUT_MS) });
    if (!response.ok) return { kind: 'error', reason: `${url} answered ${response.status}` };
    return { kind: 'read', revision: (await response.text()).trim() };
  } catch (error) {
    return { kind: 'error', reason: (error as Error).message };
  }
}
