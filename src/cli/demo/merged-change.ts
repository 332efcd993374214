import { execa } from 'execa';
import type { ChangeMerged, MergeRequested } from '../../domain/task/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { CommandFailed } from '../failure.js';

export interface Repository {
  readonly repositoryPath: string;
  readonly defaultBranch: string;
}

/** Asks git itself, not the log: the head that was to be merged is on the default branch, with the code that it brings. */
export async function mergedFiles(
  repository: Repository,
  events: readonly RecordedEvent[],
): Promise<readonly string[]> {
  const asked = dataOf<MergeRequested>(events, 'MergeRequested');
  const merged = dataOf<ChangeMerged>(events, 'ChangeMerged');
  if (!asked || !merged) throw new CommandFailed(1, 'The log names no merged change');
  const { head } = asked.commit;
  const { defaultBranch, repositoryPath } = repository;
  const contained = await git(repository, 'merge-base', '--is-ancestor', head, defaultBranch);
  if (contained === null) throw new CommandFailed(1, `${head} is not on ${defaultBranch} of ${repositoryPath}`);
  const first = await git(repository, 'rev-list', '--max-parents=0', defaultBranch);
  const changed = await git(repository, 'diff', '--name-only', (first ?? '').split('\n')[0] ?? '', defaultBranch);
  const files = (changed ?? '').split('\n').filter((file) => file !== '' && !file.startsWith('docs/work-items/'));
  if (files.length === 0) throw new CommandFailed(1, `${defaultBranch} of ${repositoryPath} has no changed code`);
  return files;
}

function dataOf<E extends { readonly type: string; readonly data: object }>(
  events: readonly RecordedEvent[],
  type: E['type'],
): E['data'] | undefined {
  return events.findLast((event) => event.type === type)?.data;
}

/** Null: git says no. */
async function git({ repositoryPath }: Repository, ...args: readonly string[]): Promise<string | null> {
  const { exitCode, stdout } = await execa('git', ['-C', repositoryPath, ...args], { reject: false });
  return exitCode === 0 ? stdout : null;
}
