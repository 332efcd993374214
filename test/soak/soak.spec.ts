import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.mjs', import.meta.url));

/** The full one is `npm run soak`. */
test('jobs of random behaviour all end exactly once, whoever is killed among them', async () => {
  const { stdout, exitCode } = await execa(process.execPath, [MAIN, '14', '--kill-every-ms', '600'], { reject: false });
  expect(stdout).toContain('violations: none');
  expect(exitCode).toBe(0);
  expect(Number(/attempts: (\d+)/.exec(stdout)?.[1])).toBeGreaterThan(14);
}, 180_000);
