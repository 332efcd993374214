import { SandboxInTest } from '../../support/sandbox/sandbox-in-test.js';
import { trackerContract } from '../tracker-contract.js';
import { planeWorld } from './plane-world.js';

trackerContract('the Plane adapter on the sandbox', async () => {
  const world = await SandboxInTest.start();
  const { trackerUrl: url, workspace, projectId, tokens } = world.sandbox;
  const access = { url, workspace, projectId, token: tokens.trackerBot, personToken: tokens.trackerPerson };
  return planeWorld({ ...access, rateLimitPerMin: 100_000 }, () => world.end());
});

const { env } = process;
if (env['ORCH_TEST_PLANE_URL']) {
  trackerContract('the Plane adapter on a real server', () =>
    planeWorld(
      {
        url: env['ORCH_TEST_PLANE_URL'] ?? '',
        workspace: env['ORCH_TEST_PLANE_WORKSPACE'] ?? '',
        projectId: env['ORCH_TEST_PLANE_PROJECT'] ?? '',
        token: env['ORCH_TEST_PLANE_TOKEN'] ?? '',
        personToken: env['ORCH_TEST_PLANE_PERSON_TOKEN'] ?? '',
        rateLimitPerMin: Number(env['ORCH_TEST_PLANE_RATE_LIMIT_PER_MIN'] ?? 60),
      },
      async () => undefined,
    ),
  );
}
