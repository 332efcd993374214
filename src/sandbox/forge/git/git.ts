import { execa } from 'execa';

export interface GitOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface GitCall {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export class GitFailed extends Error {
  constructor(
    readonly args: readonly string[],
    readonly outcome: GitOutcome,
  ) {
    super(`git ${args.join(' ')} ended with ${outcome.code}: ${outcome.err || outcome.out}`);
    this.name = 'GitFailed';
  }
}

/** Neither the machine's nor the user's configuration, nor a caller's GIT_* variables, may change what the forge does. */
export function gitEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG'].map((name) => [name, process.env[name] ?? ''] as const);
  const own = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
  return { ...Object.fromEntries(kept.filter(([, value]) => value !== '')), ...own };
}

/** The answer, whatever the exit code says. */
export async function askGit(args: readonly string[], call: GitCall = {}): Promise<GitOutcome> {
  const result = await execa('git', [...args], {
    ...{ extendEnv: false, reject: false, stripFinalNewline: false, maxBuffer: 64 * 1024 * 1024 },
    env: { ...gitEnvironment(), ...call.env },
    ...(call.cwd === undefined ? {} : { cwd: call.cwd }),
    ...(call.input === undefined ? { stdin: 'ignore' as const } : { input: call.input }),
  });
  return { code: result.exitCode ?? 128, out: result.stdout, err: result.stderr };
}

export async function git(args: readonly string[], call: GitCall = {}): Promise<string> {
  const outcome = await askGit(args, call);
  if (outcome.code !== 0) throw new GitFailed(args, outcome);
  return outcome.out.trim();
}
