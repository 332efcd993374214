import { bulkhead } from 'cockatiel';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import type { AgentRunner, Followed, OutputFollower } from '../../integrations/agent-runner.js';
import type { RunFiles, RunProgress } from '../../kernel/pipeline/run-files.js';
import { toIso } from '../../kernel/time.js';
import { RunDirectory } from '../../queue/supervisor/run-directory.js';

export interface RunFilesOptions {
  readonly dataDir: string;
  /** Takes secrets out of what is shown. */
  readonly redacted: (text: string) => string;
}

const FOLLOWED_MAX = 64;
const LOOKS_AT_ONCE = 2;
const LINES_MAX = 500;
const TAIL_BYTES_MAX = 256 * 1024;
/** Read before the tail and never shown, so that a secret which is cut by the beginning is not shown by its other half. */
const MARGIN_BYTES = 8 * 1024;

/** Reads the folders of runs. Nothing is kept but where each reader was, so a run that ended long ago is read like a live one. */
export class RunFolders implements RunFiles {
  private readonly followers = new Map<string, OutputFollower>();
  private readonly turns = bulkhead(LOOKS_AT_ONCE, Number.MAX_SAFE_INTEGER);

  constructor(
    private readonly runner: Pick<AgentRunner, 'follow'>,
    private readonly options: RunFilesOptions,
  ) {}

  async progress(runDirectory: string | null): Promise<RunProgress | null> {
    const run = this.runIn(runDirectory);
    const found = run && (await stat(run.stdout).catch(() => null));
    const followed = found && (await this.turns.execute(() => this.followerOf(run).look()).catch(() => null));
    if (!followed) return null;
    const { size: bytes, mtimeMs } = found;
    return {
      ...this.withoutSecrets(followed),
      ...(await signOfLife(run, followed)),
      bytes,
      lastOutputAt: toIso(mtimeMs),
    };
  }

  async tail(runDirectory: string | null, lines: number): Promise<readonly string[]> {
    const run = this.runIn(runDirectory);
    const file = run && (await open(run.stdout, 'r').catch(() => null));
    if (!file) return [];
    try {
      const text = await this.end(file);
      return text.slice(-Math.min(Math.max(lines, 1), LINES_MAX));
    } finally {
      await file.close();
    }
  }

  private withoutSecrets(followed: Followed): Followed {
    const { lastText, lastTool } = followed;
    const { redacted } = this.options;
    return { ...followed, lastText: lastText && redacted(lastText), lastTool: lastTool && redacted(lastTool) };
  }

  /** The one that was not asked for longest makes room. */
  private followerOf({ stdout }: RunDirectory): OutputFollower {
    const follower = this.followers.get(stdout) ?? this.runner.follow(stdout);
    this.followers.delete(stdout);
    this.followers.set(stdout, follower);
    const [oldest] = this.followers.keys();
    if (this.followers.size > FOLLOWED_MAX && oldest !== undefined) this.followers.delete(oldest);
    return follower;
  }

  /** Never outside the data folder, whatever an event says. */
  private runIn(runDirectory: string | null): RunDirectory | null {
    if (runDirectory === null) return null;
    const relative = normalize(runDirectory);
    if (isAbsolute(relative) || relative.startsWith('..')) return null;
    return new RunDirectory(join(this.options.dataDir, relative));
  }

  private async end(file: FileHandle): Promise<string[]> {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES_MAX - MARGIN_BYTES);
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    const text = this.options.redacted(buffer.toString('utf8', 0, bytesRead));
    const lines = (start === 0 ? text : text.slice(MARGIN_BYTES)).split('\n');
    if (lines.at(-1) === '') lines.pop();
    // The first one is cut in the middle, unless it is the first of the file; the only one is better than none.
    if (start === 0 || lines.length === 0) return lines;
    return lines.length === 1 ? [`… ${lines[0]}`] : lines.slice(1);
  }
}

/** The supervisor counts every line; who follows may still be behind. */
async function signOfLife(run: RunDirectory, { lines }: Followed): Promise<Pick<RunProgress, 'beatAt' | 'lines'>> {
  const beat = await run.lastBeat();
  return { beatAt: beat?.at ?? null, lines: Math.max(lines, beat?.lines ?? 0) };
}
