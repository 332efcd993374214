import { spawn } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { identify, isAlive, statOf } from '../../src/queue/supervisor/process-identity.js';
import { until } from '../support/until.js';

const own = identify(process.pid);

describe('the identity of a process', () => {
  test('a process that runs and started when it says is alive', () => {
    expect(isAlive(own)).toBe('alive');
  });

  test('a number that nobody has is dead', () => {
    expect(isAlive({ ...own, pid: 999_999_999 })).toBe('dead');
  });

  test.each([
    ['no identity', null],
    ['no number', { startTicks: 1 }],
    ['zero', { ...own, pid: 0 }],
    ['a negative number', { ...own, pid: -1 }],
    ['a fraction', { ...own, pid: 1.5 }],
    ['not a number', { ...own, pid: Number.NaN }],
  ])('%s is unknown, which nobody may take for dead', (_what, identity) => {
    expect(isAlive(identity)).toBe('unknown');
  });

  test('the same number with another start time is another process', () => {
    expect(isAlive({ ...own, startTicks: (own?.startTicks ?? 0) + 1 })).toBe('dead');
  });

  test('a process of an earlier boot is dead, whoever has its number', () => {
    expect(isAlive({ ...own, bootId: 'another' })).toBe('dead');
  });

  test('a process that lives but whose start is not on record is unknown', () => {
    expect(isAlive({ pid: process.pid, bootId: own?.bootId ?? '' })).toBe('unknown');
  });

  test('a process that has ended and was not collected by its parent is dead', async () => {
    const parent = spawn('bash', ['-c', 'sleep 0 & echo $!; exec sleep 60']);
    let printed = '';
    parent.stdout.on('data', (data: Buffer) => (printed += data.toString()));
    await until(() => printed.includes('\n') && statOf(Number(printed))?.state === 'Z', 'the child is a zombie');
    expect(isAlive(identify(Number(printed)))).toBe('dead');
    parent.kill('SIGKILL');
  });

  test('a name with spaces and brackets does not shift the fields', async () => {
    const renamed = spawn('bash', ['-c', 'printf ") Z 9 (" > /proc/$$/comm; echo renamed; read']);
    let printed = '';
    renamed.stdout.on('data', (data: Buffer) => (printed += data.toString()));
    await until(() => printed === 'renamed\n', 'the process has its new name');
    const identity = identify(renamed.pid ?? 0);
    expect(identity?.startTicks).toBeGreaterThanOrEqual(own?.startTicks ?? Infinity);
    expect(isAlive(identity)).toBe('alive');
    renamed.kill('SIGKILL');
  });
});
