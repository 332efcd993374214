import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.mjs', import.meta.url));

/** All points are in `npm run soak:self-restart`. */
test('a production hook that restarts the orchestrator is started once per confirmation, and its verdict is published once [AMB-52, AMB-53]', async () => {
  const points = ['log-refused', 'hook-middle'];
  const { stdout, exitCode } = await execa(process.execPath, [MAIN, '2', '--points', points.join()], { reject: false });
  expect(stdout).toContain('violations: none');
  expect(stdout).toContain('starts of the production hook, by its own account: 2');
  expect(exitCode).toBe(0);
}, 240_000);
