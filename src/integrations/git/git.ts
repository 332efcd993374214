import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';

/** Git ended with an exit code that the caller did not expect. */
export class GitFailed extends Error {
  constructor(
    readonly command: string,
    readonly exitCode: number | null,
    readonly stdout: string,
    readonly stderr: string,
  ) {
    super(`git ${command} ended with ${exitCode ?? 'no exit code'}: ${lastWords(stderr)}`);
    this.name = 'GitFailed';
  }
}

export type GitSettings = readonly (readonly [key: string, value: string])[];

export interface GitCall {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Settings beyond ours, handed over in the environment: nothing is written, nothing is in the arguments. */
  readonly config?: GitSettings;
  readonly input?: string | Uint8Array;
  /** Exit codes that are an answer; 0 alone unless given. */
  readonly answers?: readonly number[];
  readonly timeoutMs?: number;
}

export interface GitAnswer {
  readonly exitCode: number;
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Certificates, proxies and the ssh agent are the host's business; everything else of our environment stays with us. */
const PASSED_ON = /^(PATH|HOME|TZ|TMPDIR|SSH_AUTH_SOCK|SSL_CERT_(FILE|DIR)|GIT_SSL_CAINFO|(https?|no|all)_proxy)$/i;

const LOCAL_TIMEOUT_MS = 300_000;
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

/** The git binary, deaf to the configuration of the host and of whoever worked in the repository before. */
export class Git {
  private readonly environment: Readonly<Record<string, string>>;

  constructor(inherited: Readonly<Record<string, string | undefined>> = process.env) {
    this.environment = { ...passedOn(inherited), ...HERMETIC };
  }

  async run(args: readonly string[], call: GitCall = {}): Promise<GitAnswer> {
    const timeoutMs = call.timeoutMs ?? LOCAL_TIMEOUT_MS;
    const { exitCode, stdout, stderr, timedOut, originalMessage } = await this.execute(args, call, timeoutMs);
    const text = Buffer.from(stdout).toString('utf8');
    if (exitCode !== undefined && isAnswer(exitCode, call)) return { exitCode, bytes: stdout, text };
    const why = timedOut ? `no answer within ${timeoutMs} ms` : spoken(stderr, originalMessage);
    throw new GitFailed(named(args), exitCode ?? null, text, why);
  }

  async line(args: readonly string[], call: GitCall = {}): Promise<string> {
    return (await this.run(args, call)).text.trim();
  }

  /** For a git that is talked to. */
  converse(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcessWithoutNullStreams {
    return spawn('git', args, { env: this.environmentOf({ env }) });
  }

  private environmentOf({ config = [], env }: GitCall): Record<string, string> {
    return { ...this.environment, ...inEnvironment([...SETTINGS, ...config]), ...env };
  }

  /** Loaded at the first call: a start need not wait for it. */
  private async execute(args: readonly string[], call: GitCall, timeoutMs: number) {
    const { execa } = await import('execa');
    return execa('git', args, {
      ...(call.cwd === undefined ? {} : { cwd: call.cwd }),
      ...(call.input === undefined ? { stdin: 'ignore' as const } : { input: call.input }),
      env: this.environmentOf(call),
      extendEnv: false,
      encoding: 'buffer',
      stripFinalNewline: false,
      reject: false,
      timeout: timeoutMs,
      maxBuffer: OUTPUT_BYTES_MAX,
    });
  }
}

const HERMETIC: Readonly<Record<string, string>> = {
  LC_ALL: 'C',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_LITERAL_PATHSPECS: '1',
  GIT_OPTIONAL_LOCKS: '0',
};

const SETTINGS: GitSettings = [
  // A directory that cannot exist: neither the mirror's hooks nor what an agent's `npm ci` installs is ever run by us.
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['commit.gpgSign', 'false'],
  ['protocol.ext.allow', 'never'],
  ['http.lowSpeedLimit', '1000'],
  ['http.lowSpeedTime', '60'],
  ['gc.autoDetach', 'false'],
];

function inEnvironment(settings: GitSettings): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) };
  settings.forEach(([key, value], index) => {
    variables[`GIT_CONFIG_KEY_${index}`] = key;
    variables[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return variables;
}

function passedOn(inherited: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(inherited).filter(([name, value]) => PASSED_ON.test(name) && value !== undefined);
  return Object.fromEntries(kept) as Record<string, string>;
}

function isAnswer(exitCode: number, call: GitCall): boolean {
  return (call.answers ?? [0]).includes(exitCode);
}

/** Without a word from git itself it could not be started, and then the system says why. */
function spoken(stderr: Uint8Array | undefined, otherwise: string | undefined): string {
  return Buffer.from(stderr ?? []).toString('utf8') || (otherwise ?? '');
}

function named(args: readonly string[]): string {
  return args.find((arg) => /^[a-z]/.test(arg)) ?? args.join(' ');
}

function lastWords(stderr: string): string {
  return stderr.trim().split('\n').slice(-3).join(' · ') || 'it said nothing';
}
