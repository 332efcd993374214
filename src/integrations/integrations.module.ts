import { Global, Module } from '@nestjs/common';
import { CONFIG } from '../config/config.js';
import type { Config } from '../config/config.js';
import { secretsOf } from '../config/secrets.js';
import { BackgroundStats } from '../kernel/background-stats.js';
import { FORGE } from './forge.js';
import type { Forge } from './forge.js';
import { GitWorktrees } from './git/git-worktrees.js';
import { SecretScreen } from './git/screening/secret-screen.js';
import { NOTIFIER } from './notifier.js';
import type { Notifier } from './notifier.js';
import { TRACKER } from './tracker.js';
import type { Tracker } from './tracker.js';
import { unconfiguredForge, unconfiguredNotifier, unconfiguredTracker } from './unconfigured.js';
import { GitUnavailable, WORKTREES } from './worktrees.js';
import type { Worktrees } from './worktrees.js';

const TRACKER_TIMEOUT_MS = 15_000;
/** A merge of a large repository is done while we wait for the answer. */
const FORGE_TIMEOUT_MS = 30_000;

/** Where nobody shows them, nobody counts. */
const STATS = { token: BackgroundStats, optional: true };

/** Gives every port its adapter, as the configuration says; one that nobody configured is not even loaded. */
@Global()
@Module({
  providers: [
    { provide: TRACKER, inject: [CONFIG, STATS], useFactory: trackerOf },
    { provide: FORGE, inject: [CONFIG, STATS], useFactory: forgeOf },
    { provide: NOTIFIER, inject: [CONFIG], useFactory: notifierOf },
    { provide: WORKTREES, inject: [CONFIG], useFactory: worktreesOf },
  ],
  exports: [TRACKER, FORGE, NOTIFIER, WORKTREES],
})
export class IntegrationsModule {}

async function trackerOf({ plane, limits }: Config, stats?: BackgroundStats): Promise<Tracker> {
  if (!plane) return unconfiguredTracker();
  const { PlaneTracker } = await import('./plane/plane-tracker.js');
  const { url, apiToken: token, workspace } = plane;
  const rateLimitPerMin = limits.planeRateLimitPerMin;
  const access = { url, token, workspace, rateLimitPerMin, timeoutMs: TRACKER_TIMEOUT_MS };
  return new PlaneTracker({ ...access, ...(stats && { availability: stats.systems.plane }) });
}

async function forgeOf({ gitea }: Config, stats?: BackgroundStats): Promise<Forge> {
  if (!gitea) return unconfiguredForge();
  const { GiteaForge } = await import('./gitea/gitea-forge.js');
  const access = { ...gitea, timeoutMs: FORGE_TIMEOUT_MS };
  return new GiteaForge({ ...access, ...(stats && { availability: stats.systems.gitea }) });
}

async function notifierOf({ telegram }: Config): Promise<Notifier> {
  if (!telegram.botToken || !telegram.chatId) return unconfiguredNotifier();
  const { TelegramNotifier } = await import('./telegram/telegram-notifier.js');
  return new TelegramNotifier(telegram);
}

function worktreesOf(config: Config): Worktrees {
  const { reposDir, worktreesDir, gitea, projects } = config;
  const projectOf = (repo: string) => projects.find((project) => project.repo === repo);
  return new GitWorktrees({
    reposDir,
    worktreesDir,
    cloneUrlOf: (repo) => {
      const url = projectOf(repo)?.cloneUrl;
      if (url) return url;
      throw new GitUnavailable(
        `nobody says where to clone ${repo} from; set its cloneUrl in the project file or ORCH_GITEA_URL`,
      );
    },
    defaultBranchOf: (repo) => projectOf(repo)?.defaultBranch ?? 'main',
    // With a token as the password the forge accepts any name.
    ...{ token: gitea?.token ?? null, username: 'orchestrator' },
    ...{ authorName: 'orchestrator', authorEmail: 'orchestrator@localhost' },
    screen: config.securityGate.enabled ? new SecretScreen(secretsOf(config)) : null,
  });
}
