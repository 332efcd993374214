import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { git } from './git.js';

/** Makes the bare repository with one commit of the sample on its default branch; does nothing where it exists. */
export async function seedRepository(directory: string, sample: string, defaultBranch: string): Promise<void> {
  if (existsSync(join(directory, 'HEAD'))) return;
  const work = await mkdtemp(join(tmpdir(), 'sandbox-seed-'));
  const bare = `${directory}.new`;
  try {
    await rm(bare, { recursive: true, force: true });
    await mkdir(dirname(directory), { recursive: true });
    await git(['init', '--quiet', '--bare', `--initial-branch=${defaultBranch}`, bare]);
    await commitSample(work, sample, defaultBranch);
    await git(['push', '--quiet', bare, `HEAD:refs/heads/${defaultBranch}`], { cwd: work });
    // A first start that was cut off leaves nothing half made under the final name.
    await rename(bare, directory);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function commitSample(work: string, sample: string, defaultBranch: string): Promise<void> {
  await cp(sample, work, { recursive: true });
  const who = ['-c', 'user.name=Alice Moreau', '-c', 'user.email=alice@example.com'];
  await git(['init', '--quiet', `--initial-branch=${defaultBranch}`], { cwd: work });
  await git(['add', '--all'], { cwd: work });
  await git([...who, 'commit', '--quiet', '-m', 'A price list with its tests'], { cwd: work });
}
