import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

/** A clone over HTTP, as any git client makes one. */
export class WorkingCopy {
  private constructor(
    readonly directory: string,
    private readonly token: string,
  ) {}

  static async clone(url: string, token: string): Promise<WorkingCopy> {
    const copy = new WorkingCopy(await mkdtemp(join(tmpdir(), 'working-copy-')), token);
    try {
      await copy.git('clone', '--quiet', url, '.');
      return copy;
    } catch (error) {
      await copy.remove();
      throw error;
    }
  }

  async git(...args: string[]): Promise<string> {
    const basic = Buffer.from(`git:${this.token}`).toString('base64');
    const config = ['-c', `http.extraHeader=Authorization: Basic ${basic}`, '-c', 'user.name=Delivery Bot'];
    const identity = ['-c', 'user.email=delivery-bot@example.com', '-c', 'commit.gpgsign=false'];
    const env = { GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_GLOBAL: '/dev/null' };
    return (await execa('git', [...config, ...identity, ...args], { cwd: this.directory, env })).stdout;
  }

  /** Commits the files on a branch cut from `from` and pushes it; answers with the new head. */
  async pushBranch(branch: string, files: Readonly<Record<string, string>>, from = 'origin/main'): Promise<string> {
    await this.git('fetch', '--quiet', 'origin');
    await this.git('checkout', '--quiet', '-B', branch, from);
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.directory, file)), { recursive: true });
      await writeFile(join(this.directory, file), text);
    }
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '-m', `Change ${Object.keys(files).join(', ')} & <more>`);
    await this.git('push', '--quiet', '--force', 'origin', branch);
    return (await this.git('rev-parse', 'HEAD')).trim();
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}
