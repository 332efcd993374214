import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { ConfigModule } from '../../src/config/config.module.js';
import { loadConfig } from '../../src/config/load-config.js';
import { FORGE, ForgeUnavailable, type Forge } from '../../src/integrations/forge.js';
import { IntegrationsModule } from '../../src/integrations/integrations.module.js';
import { NOTIFIER, type Notifier } from '../../src/integrations/notifier.js';
import { TRACKER, TrackerUnavailable, type Tracker } from '../../src/integrations/tracker.js';
import { WORKTREES, type Worktrees } from '../../src/integrations/worktrees.js';
import { heldLease } from '../support/held-lease.js';

const folder = mkdtempSync(join(tmpdir(), 'integrations-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function portsWith(variables: Record<string, string>) {
  const config = loadConfig(variables, folder);
  const module = await Test.createTestingModule({ imports: [ConfigModule.of(config), IntegrationsModule] }).compile();
  return {
    tracker: module.get<Tracker>(TRACKER),
    forge: module.get<Forge>(FORGE),
    notifier: module.get<Notifier>(NOTIFIER),
    worktrees: module.get<Worktrees>(WORKTREES),
  };
}

describe('without any configuration', () => {
  test('every call to the tracker names the variable that is missing', async () => {
    const { tracker } = await portsWith({});
    const calls = [
      ...[tracker.ownAccountId(), tracker.statuses('p'), tracker.workItem('p', 'i'), tracker.changedSince('p', null)],
      ...[tracker.statusHistory('p', 'i'), tracker.setStatus('p', 'i', 's')],
      tracker.comment('p', 'i', { key: 'k', text: 't' }),
    ];
    for (const call of calls) {
      await expect(call).rejects.toEqual(new TrackerUnavailable('no tracker is configured; set ORCH_PLANE_URL'));
    }
  });

  test('every call to the forge names the variable that is missing', async () => {
    const { forge } = await portsWith({});
    const calls = [
      ...[forge.ownLogin(), forge.branchHead('r', 'b'), forge.pullRequest('r', 1), forge.reviews('r', 1)],
      ...[forge.openPullRequest('r', { head: 'h', base: 'b', title: 't', body: '' })],
      ...[
        forge.pullRequestsOfBranch('r', 'b'),
        forge.combinedStatus('r', 's'),
        forge.merge(heldLease('r'), { number: 1, head: 'h', title: 't' }),
      ],
    ];
    for (const call of calls) {
      await expect(call).rejects.toEqual(new ForgeUnavailable('no forge is configured; set ORCH_GITEA_URL'));
    }
  });

  test('nobody is told, and a worktree of a repository without an address says what to set', async () => {
    const { notifier, worktrees } = await portsWith({});
    expect(notifier.enabled).toBe(false);
    await expect(worktrees.branchState('unknown', 'main')).rejects.toThrow(/set its cloneUrl .* or ORCH_GITEA_URL/);
  });
});

describe('with a configuration', () => {
  test('the adapters call the configured addresses', async () => {
    const { forge, notifier } = await portsWith({
      ...{ ORCH_GITEA_URL: 'http://127.0.0.1:9', ORCH_GITEA_TOKEN: 't', ORCH_GITEA_OWNER: 'acme' },
      ...{ ORCH_GITEA_WEBHOOK_SECRET: 's', ORCH_TELEGRAM_BOT_TOKEN: '1:t', ORCH_TELEGRAM_CHAT_ID: '7' },
    });
    await expect(forge.ownLogin()).rejects.toThrow(/GET \/api\/v1\/user got no answer/);
    expect(notifier.enabled).toBe(true);
  });
});
