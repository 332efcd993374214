import type { ForgeDesk } from './desk.js';
import { mergePull } from './merge.js';
import type { Repository } from './state.js';
import { combinedState, latestStatuses } from './statuses.js';

/** Scheduled merges are tried after every status and review; a failure is only logged, and the schedule stays. */
export async function tryScheduledMerges(desk: ForgeDesk, repository: Repository): Promise<void> {
  const scheduled = repository.pulls.filter(({ autoMerge, state }) => autoMerge && state === 'open');
  const green = scheduled.filter(({ headSha }) => combinedState(latestStatuses(repository, headSha)) === 'success');
  for (const pull of green) {
    await desk.alone(repository, () =>
      mergePull(desk, repository, pull, {
        ...{ style: 'merge', title: null, message: null, mergeCommit: null, headCommit: pull.headSha },
        ...{ whenChecksSucceed: false, deleteBranch: false, login: pull.author },
      }),
    );
  }
}
