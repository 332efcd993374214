import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DeployRequested } from '../../src/domain/deploy/events.js';
import { Deploys } from '../../src/effects/deploy/deploys.js';
import type { Outcome } from '../../src/effects/effect.js';
import type { ProjectCommands } from '../../src/effects/task/project-commands.js';
import type { Worktrees } from '../../src/integrations/worktrees.js';
import type { RecordedEvent } from '../../src/kernel/event.js';
import { Supervisor } from '../../src/queue/supervisor/supervisor.js';
import { record } from '../support/given.js';
import { temporaryFolders } from '../support/temporary-folder.js';

const folder = temporaryFolders();

const REQUEST: DeployRequested['data'] = {
  ...{ deployId: 185, taskId: 5, workItem: 'SBX-001', repo: 'sandbox', environment: 'production', stage: 'deploy' },
  ...{ visit: 7, round: 1, action: 'deploy', revision: { head: 'c0ffee', codeTree: '7ree' }, previousRevision: null },
};

/** One orchestrator with a log of its own, whose production hook is this command; answers with what it reported at the end. */
async function deployedBy(hook: string, ssh: string | null = null): Promise<unknown> {
  const dataDir = await folder();
  const commands = { of: () => ({ production: { command: hook } }) } as unknown as ProjectCommands;
  const worktrees = { checkout: async () => dataDir, removeCheckout: async () => undefined } as unknown as Worktrees;
  const clock = { now: () => Date.now() };
  const world = { project: commands, worktrees, supervisor: new Supervisor(), clock, dataDir, timeoutMs: 30_000, ssh };
  const [event] = record([{ type: 'DeployRequested', data: REQUEST }]) as RecordedEvent<DeployRequested>[];
  if (!event) throw new Error('Nothing was recorded');
  let reported: unknown;
  const outcome: Outcome = { report: async (_type, _stream, payload) => void (reported = payload) };
  await new Deploys(world).act(
    { ...event, id: randomUUID(), stream: 'deploy-185' },
    outcome,
    new AbortController().signal,
  );
  return reported;
}

describe('a deploy', () => {
  test('that is meant for another host is not run on this one', async () => {
    const reason = expect.stringContaining('ORCH_DEPLOY_SSH');
    expect(await deployedBy('exit 0', 'deploy@production')).toEqual({ reason });
  });

  test('of another orchestrator on the same host, with the same number, is not touched when this one ends', async () => {
    const [slow, quick] = await Promise.all([deployedBy('sleep 2'), deployedBy('sleep 0.5')]);
    expect(quick).toMatchObject({ exitCode: 0 });
    expect(slow).toMatchObject({ exitCode: 0 });
  });
});
