import { SandboxInTest } from '../../support/sandbox/sandbox-in-test.js';
import { forgeContract } from '../forge-contract.js';
import { giteaWorld } from './gitea-world.js';

forgeContract('the Gitea adapter on the sandbox', async () => {
  const world = await SandboxInTest.start({ forge: { mergeCheckMs: 50 }, ciCommand: ['node', '--version'] });
  const { forgeUrl: url, owner, repo, tokens } = world.sandbox;
  const access = { url, owner, repo, token: tokens.forgeBot, personToken: tokens.forgePerson };
  return giteaWorld(access, () => world.end());
});

const { env } = process;
if (env['ORCH_TEST_GITEA_URL']) {
  forgeContract('the Gitea adapter on a real server', () =>
    giteaWorld(
      {
        url: env['ORCH_TEST_GITEA_URL'] ?? '',
        owner: env['ORCH_TEST_GITEA_OWNER'] ?? '',
        repo: env['ORCH_TEST_GITEA_REPO'] ?? '',
        token: env['ORCH_TEST_GITEA_TOKEN'] ?? '',
        personToken: env['ORCH_TEST_GITEA_PERSON_TOKEN'] ?? '',
      },
      async () => undefined,
    ),
  );
}
