import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GiteaForge } from '../../../src/integrations/gitea/gitea-forge.js';
import { UNPROTECTED } from '../../../src/sandbox/forge/state.js';
import { SandboxInTest } from '../../support/sandbox/sandbox-in-test.js';
import { WorkingCopy } from '../../support/sandbox/working-copy.js';

let world: SandboxInTest;
let copy: WorkingCopy;
let forge: GiteaForge;

beforeEach(async () => {
  world = await SandboxInTest.start({ ciCommand: ['node', '--version'] });
  const { forgeUrl: url, owner, repo, tokens } = world.sandbox;
  copy = await WorkingCopy.clone(`${url}/${owner}/${repo}.git`, tokens.forgeBot);
  forge = new GiteaForge({ url, owner, token: tokens.forgeBot, timeoutMs: 20_000 });
});
afterEach(async () => {
  await copy.remove();
  await world.end();
});

/** On the default branch, and open at the forge. */
async function landed(): Promise<{ readonly number: number; readonly commit: string }> {
  const { repo } = world.sandbox;
  const commit = await copy.pushBranch('feature/landed', { 'docs/landed.md': 'landed\n' });
  const request = { head: 'feature/landed', base: 'main', title: 'Landed', body: '' };
  const { number } = await forge.openPullRequest(repo, request);
  await copy.git('push', '--quiet', 'origin', 'feature/landed:main');
  expect(await forge.pullRequest(repo, number)).toMatchObject({ state: 'open', merged: false });
  return { number, commit };
}

describe('a pull request whose change has landed', () => {
  test('is marked as merged where the repository allows that, once', async () => {
    const { repo } = world.sandbox;
    const repository = world.sandbox.forge.state.repositories.find(({ name }) => name === repo);
    if (!repository) throw new Error(`The sandbox has no repository ${repo}`);
    repository.protection = { ...UNPROTECTED, mergeStyles: [...UNPROTECTED.mergeStyles, 'manually-merged'] };
    const change = await landed();
    const main = await forge.branchHead(repo, 'main');
    for (let time = 1; time <= 2; time += 1) expect(await forge.closeLanded(repo, change)).toBe('merged');
    const after = await forge.pullRequest(repo, change.number);
    expect(after).toMatchObject({ state: 'closed', merged: true, mergeCommit: change.commit });
    expect(await forge.branchHead(repo, 'main')).toBe(main);
  });

  test('is closed elsewhere, and nothing is merged a second time', async () => {
    const { repo } = world.sandbox;
    const change = await landed();
    const main = await forge.branchHead(repo, 'main');
    for (let time = 1; time <= 2; time += 1) expect(await forge.closeLanded(repo, change)).toBe('closed');
    expect(await forge.pullRequest(repo, change.number)).toMatchObject({ state: 'closed', merged: false });
    expect(await forge.branchHead(repo, 'main')).toBe(main);
  });
});
