import { ForgeUnavailable } from './forge.js';
import type { Forge } from './forge.js';
import { NotifierUnavailable, type Notifier } from './notifier.js';
import { TrackerUnavailable } from './tracker.js';
import type { Tracker } from './tracker.js';

/** Stands where no tracker is configured, so that what needs one says which variable is missing. */
export function unconfiguredTracker(): Tracker {
  const fail = async (): Promise<never> => {
    throw new TrackerUnavailable('no tracker is configured; set ORCH_PLANE_URL');
  };
  return {
    ownAccountId: fail,
    statuses: fail,
    workItem: fail,
    changedSince: fail,
    statusHistory: fail,
    comments: fail,
    blockedBy: fail,
    setStatus: fail,
    comment: fail,
  };
}

export function unconfiguredForge(): Forge {
  const fail = async (): Promise<never> => {
    throw new ForgeUnavailable('no forge is configured; set ORCH_GITEA_URL');
  };
  return {
    ownLogin: fail,
    branchHead: fail,
    openPullRequest: fail,
    pullRequest: fail,
    pullRequestsOfBranch: fail,
    reviews: fail,
    combinedStatus: fail,
    merge: fail,
    closeLanded: fail,
    access: fail,
  };
}

/** Messages are recorded and sent to nobody. */
export function unconfiguredNotifier(): Notifier {
  const sentence = 'no chat is configured; set ORCH_TELEGRAM_BOT_TOKEN and ORCH_TELEGRAM_CHAT_ID';
  return { enabled: false, send: () => Promise.reject(new NotifierUnavailable(sentence)) };
}
