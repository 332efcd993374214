import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { existsSync, readFileSync } from 'node:fs';
import { CLI } from '../cli/command-line.js';
import { withoutSettings } from '../support/built/built-orchestrator.js';
import { until } from '../support/until.js';
import { STAGES } from '../../src/kernel/pipeline/stage.js';

const DEMO_MS_MAX = 120_000;
/** A demo that takes too long is ended first, so that the test can show how far it came. */
const TEST_MS_MAX = DEMO_MS_MAX + 10_000;

function demo() {
  const env = { ...withoutSettings(process.env), NO_COLOR: '1', NODE_OPTIONS: '' };
  return execa(process.execPath, [CLI, 'demo'], { env, extendEnv: false, reject: false, timeout: DEMO_MS_MAX });
}

/** A process that has ended but whose end nobody has asked for yet is not running. */
function isRunning(pid: number): boolean {
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
  return stat !== '' && !/\) Z /.test(stat);
}

function folderIn(output: string): string {
  return /temporary sandbox (\S+)/.exec(output)?.[1] ?? '';
}

describe('the demo', () => {
  test(
    'carries one work item through every stage onto main, within a minute, and leaves nothing behind',
    async () => {
      const { exitCode, stdout } = await demo();
      expect(stdout).toMatch(/\ndone: \d+ events in the log, \d+ jobs, [\d.]+ seconds\n/);
      expect(exitCode).toBe(0);
      for (const stage of STAGES.filter((name) => name !== 'cancelled'))
        expect(stdout).toMatch(new RegExp(`^  ${stage}`, 'm'));
      expect(stdout).toContain('a person moves the item to Approved');
      expect(stdout).toMatch(/\nOn main of \S+\.git: .*src\/promotions\/sbx-001\.js/);
      expect(folderIn(stdout)).not.toBe('');
      expect(existsSync(folderIn(stdout))).toBe(false);
    },
    TEST_MS_MAX,
  );

  test(
    'that is interrupted takes its service along and leaves nothing behind',
    async () => {
      const running = demo();
      const pid = await new Promise<number>((resolve) => {
        let output = '';
        running.stdout.on('data', (chunk: Buffer) => {
          output += chunk.toString();
          const found = /\(process (\d+)\)/.exec(output)?.[1];
          if (found) resolve(Number(found));
        });
      });
      running.kill('SIGINT');
      const { exitCode, stdout } = await running;
      expect(exitCode).toBe(2);
      await until(() => !isRunning(pid), 'the service is gone');
      expect(existsSync(folderIn(stdout))).toBe(false);
    },
    TEST_MS_MAX,
  );
});
