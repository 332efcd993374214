import { describe, expect, test } from '@jest/globals';
import { freePort } from '../support/built/free-port.mjs';
import { temporaryFolders } from '../support/temporary-folder.js';
import { orchestrator } from './command-line.js';

const folder = temporaryFolders();

describe('the command line', () => {
  test.each([
    [['nonsense'], "error: unknown command 'nonsense'"],
    [['log', 'tail', '--nonsense'], "error: unknown option '--nonsense'"],
    [['timeline'], "error: missing required argument 'work-item'"],
    [['log', 'tail', '--since'], "error: option '--since <X>' argument missing"],
  ])('wrong usage %j ends with 2 and one sentence', async (args, sentence) => {
    const { exitCode, stderr, stdout } = await orchestrator(await folder(), args);
    expect({ exitCode, stderr, stdout }).toEqual({ exitCode: 2, stderr: sentence, stdout: '' });
  });

  test('a setting that cannot be used ends with 2 and names it', async () => {
    const { exitCode, stderr } = await orchestrator(await folder(), ['log', 'tail'], { ORCH_PORT: 'many' });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('ORCH_PORT');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test.each(['status', 'queue'])('%s without a service ends with 3 and says how to start one', async (command) => {
    const port = String(await freePort());
    const { exitCode, stderr } = await orchestrator(await folder(), [command], { ORCH_PORT: port });
    expect(exitCode).toBe(3);
    expect(stderr).toBe(
      `No service answers at http://127.0.0.1:${port}: ` +
        'start it with npm start, or set ORCH_HOST and ORCH_PORT to where it is',
    );
  });

  test('help lists the commands and ends with 0', async () => {
    const { exitCode, stdout } = await orchestrator(await folder(), ['--help']);
    expect(exitCode).toBe(0);
    for (const command of ['serve', 'demo', 'log', 'timeline', 'status', 'queue']) expect(stdout).toContain(command);
  });
});
