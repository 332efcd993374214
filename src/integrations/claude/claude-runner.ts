import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { deriveId } from '../../kernel/ids.js';
import type { AgentBrief, AgentReport, AgentRunner, ExitRecord, OutputFollower, ProcessSpec } from '../agent-runner.js';
import { CLAUDE_CREDENTIALS, agentEnvironment } from './agent-environment.js';
import { briefText } from './brief.js';
import { type Capabilities, WITHOUT_SETTINGS, capabilitiesOf, settingsText } from './capabilities.js';
import { countedResult, failureOf } from './classify.js';
import { wordsOf } from './command-line.js';
import type { Enclosure } from './enclosure/bubblewrap.js';
import type { Room } from './enclosure/room.js';
import { linesOf } from './lines.js';
import { ClaudeOutputFollower } from './output-follower.js';
import { rolePrompt } from './role-prompt.js';
import { NOTHING_SAID, type ResultLine, type StreamSummary, takeLine, takeUnreadable } from './stream-json.js';

export interface ClaudeRunnerOptions {
  /** `ORCH_AGENT_COMMAND`. */
  readonly command: string;
  timeoutMsOf(role: string): number;
  readonly silenceMs: number;
  readonly killGraceMs: number;
  readonly lingerMs: number;
  /** A file of the project as its default branch has it; what a task's branch says about its own agent is not asked. */
  fileOnDefaultBranch(repo: string, path: string): Promise<string | null>;
  /** Signs what an agent commits itself, with its role's name. */
  readonly email: string;
  /** The environment of the service, of which an agent gets the names that are allowed. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  readonly credentials?: readonly string[];
  readonly model?: string | null;
  readonly turnsMax?: number | null;
  readonly budgetUsd?: number | null;
  /** Null: the agent runs as it is. */
  readonly enclosure?: Enclosure | null;
}

interface Places {
  readonly input: string;
  readonly taskFile: string;
  readonly roleFile: string;
  readonly settingsFile: string;
  readonly claudeDirectory: string;
  readonly temporaryDirectory: string;
  readonly artifactsDirectory: string;
}

const STDERR_TAIL_BYTES = 2_000;

/** Claude Code without a person at it: one process per run, told by files, understood by what it prints. */
export class ClaudeRunner implements AgentRunner {
  private readonly words: readonly [string, ...string[]];

  constructor(private readonly options: ClaudeRunnerOptions) {
    this.words = wordsOf(options.command);
  }

  async prepare(brief: AgentBrief): Promise<ProcessSpec> {
    const places = placesOf(brief);
    const capabilities = capabilitiesOf(brief.role, brief.worktree, places.artifactsDirectory);
    await this.write(brief, places, capabilities);
    const spec = this.specOf(brief, places, capabilities);
    return this.options.enclosure ? this.options.enclosure(spec, roomOf(brief, places)) : spec;
  }

  get credentials(): readonly string[] {
    const { credentials = CLAUDE_CREDENTIALS, variables = process.env } = this.options;
    return credentials.filter((name) => /KEY|TOKEN/.test(name)).flatMap((name) => variables[name] || []);
  }

  follow(outputFile: string): OutputFollower {
    return new ClaudeOutputFollower(outputFile);
  }

  async report(outputFile: string, exit: ExitRecord): Promise<AgentReport> {
    const summary = await summaryOf(outputFile);
    const stderr = await tailOf(join(dirname(outputFile), 'stderr.log'));
    const failure = failureOf(summary, exit, stderr);
    return {
      succeeded: failure === null,
      failure: failure === null ? null : { ...failure, reason: this.withoutSecrets(failure.reason) },
      ...accountOf(summary, countedResult(summary, exit)),
    };
  }

  private specOf(brief: AgentBrief, places: Places, capabilities: Capabilities): ProcessSpec {
    const [command, ...before] = this.words;
    const { options } = this;
    return {
      command,
      args: [...before, ...this.claudeArguments(brief, places, capabilities)],
      cwd: brief.worktree,
      env: agentEnvironment(brief, places, {
        variables: options.variables ?? process.env,
        credentials: options.credentials ?? CLAUDE_CREDENTIALS,
        email: options.email,
      }),
      timeoutMs: options.timeoutMsOf(brief.role),
      silenceMs: options.silenceMs,
      killGraceMs: options.killGraceMs,
      lingerMs: options.lingerMs,
      // At the end it would only be said that nothing had held it back; the report says so all the same.
      forbidden: WITHOUT_SETTINGS,
    };
  }

  private async write(brief: AgentBrief, places: Places, capabilities: Capabilities): Promise<void> {
    for (const directory of [places.input, places.claudeDirectory, places.temporaryDirectory]) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
    }
    const onDefaultBranch = (path: string): Promise<string | null> =>
      this.options.fileOnDefaultBranch(brief.repo, path);
    const notes = await onDefaultBranch('CLAUDE.md');
    await writeFileAtomic(places.taskFile, briefText(brief, places.artifactsDirectory, notes), { mode: 0o600 });
    await writeFileAtomic(places.roleFile, await rolePrompt(brief.role, onDefaultBranch), { mode: 0o600 });
    await writeFileAtomic(places.settingsFile, settingsText(capabilities), { mode: 0o600 });
  }

  /** agents-facts A12. No text of the tracker is in here: a prompt is interpreted (`@file`, `/command`), a file is not. */
  private claudeArguments(brief: AgentBrief, places: Places, capabilities: Capabilities): string[] {
    const { model, turnsMax, budgetUsd } = this.options;
    return [
      ...[
        '-p',
        `Read the file ${places.taskFile} with your Read tool and carry out the task it describes, to its end.`,
      ],
      ...['--output-format', 'stream-json', '--verbose'],
      ...['--session-id', deriveId('claude-session', brief.runId)],
      ...(model ? ['--model', model] : []),
      ...(turnsMax ? ['--max-turns', String(turnsMax)] : []),
      ...(budgetUsd ? ['--max-budget-usd', String(budgetUsd)] : []),
      ...['--append-system-prompt-file', places.roleFile],
      ...['--settings', places.settingsFile, '--setting-sources', 'user'],
      ...['--strict-mcp-config', '--add-dir', places.input],
      ...['--tools', capabilities.tools.join(',')],
      ...['--permission-prompts', 'none'],
    ];
  }

  private withoutSecrets(text: string): string {
    return this.credentials.reduce((cleaned, secret) => cleaned.replaceAll(secret, '***'), text);
  }
}

/** The agent may read `input`; what steers it lies beside, outside its reach. */
function placesOf(brief: AgentBrief): Places {
  const input = join(brief.runDirectory, 'input');
  return {
    input,
    taskFile: join(input, 'brief.md'),
    roleFile: join(brief.runDirectory, 'role.md'),
    settingsFile: join(brief.runDirectory, 'settings.json'),
    claudeDirectory: join(brief.runDirectory, 'claude'),
    temporaryDirectory: join(brief.runDirectory, 'tmp'),
    artifactsDirectory: join(brief.worktree, 'docs/work-items', brief.workItem),
  };
}

/** The brief, the role and the rules are the agent's to read; the worktree, its memory and its scratch folder to write. */
function roomOf({ worktree, branch }: AgentBrief, places: Places): Room {
  return {
    worktree,
    branch,
    readable: [places.input, places.roleFile, places.settingsFile],
    writable: [places.claudeDirectory, places.temporaryDirectory],
    temporaryDirectory: places.temporaryDirectory,
  };
}

/** Costs are cumulative, so the newest result has them all; what nobody said is unknown, not 0. */
function accountOf(summary: StreamSummary, counted: ResultLine | null): Omit<AgentReport, 'succeeded' | 'failure'> {
  const { inputTokens, outputTokens, turns } = counted ?? { inputTokens: null, outputTokens: null, turns: null };
  const costUsd = summary.results[0]?.costUsd ?? counted?.costUsd ?? null;
  return { costUsd, inputTokens, outputTokens, sessionId: summary.sessionId, turns };
}

/** What the output file says, as far as it has been written. */
export async function summaryOf(outputFile: string): Promise<StreamSummary> {
  if (!(await stat(outputFile).catch(() => null))) return NOTHING_SAID;
  let summary = NOTHING_SAID;
  for await (const line of linesOf(outputFile)) {
    summary = line.kind === 'line' ? takeLine(summary, line.text) : takeUnreadable(summary);
  }
  return summary;
}

async function tailOf(file: string): Promise<string> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= STDERR_TAIL_BYTES) return size === 0 ? '' : readFile(file, 'utf8');
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(
      Buffer.alloc(STDERR_TAIL_BYTES),
      0,
      STDERR_TAIL_BYTES,
      size - STDERR_TAIL_BYTES,
    );
    return buffer.toString('utf8');
  } finally {
    await handle.close();
  }
}
