import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isAlive } from '../../src/queue/supervisor/process-identity.js';
import { RunFileUnreadable } from '../../src/queue/supervisor/run-directory.js';
import { until } from '../support/until.js';
import { Runs, kill } from './runs.js';

let runs: Runs;
beforeEach(() => {
  runs = new Runs();
});
afterEach(() => runs.end());

describe('a stop that comes before the start', () => {
  test('keeps the run from ever being started', async () => {
    const directory = runs.directory();
    await runs.supervisor.stop(directory, 'cancelled while its worktree was made');
    await expect(runs.start(directory, 'echo started')).rejects.toThrow('it was to be stopped before it began');
    expect(existsSync(join(directory, 'stdout.ndjson'))).toBe(false);
  });

  test('is found by a supervisor that was on its way, which starts nothing and says so', async () => {
    const directory = runs.directory();
    await runs.prepare(directory, 'echo started');
    await runs.supervisor.stop(directory, 'cancelled');
    expect(await runs.supervisor.startAgain(directory)).toBe(true);
    const exit = await runs.supervisor.watch(directory);
    expect(exit).toMatchObject({ stoppedBecause: 'stopped', stopRequest: 'cancelled', exitCode: null });
    expect(existsSync(join(directory, 'stdout.ndjson'))).toBe(false);
  });
});

describe('deaths around a run', () => {
  test('a run that was described and not started is started as it was described, and only once', async () => {
    const directory = runs.directory();
    await runs.prepare(directory, 'echo "started with $SECRET"; sleep 0.3');
    await Promise.all([runs.supervisor.startAgain(directory), runs.supervisor.startAgain(directory)]);
    await runs.supervisor.watch(directory);
    expect(runs.output(directory)).toBe('started with of-the-agent\n');
    expect(await runs.supervisor.startAgain(runs.directory())).toBe(false);
  });

  test('a process that its supervisor started and could not record any more is ended before the run counts as lost', async () => {
    const directory = runs.directory();
    const identity = await runs.start(directory, 'exec sleep 60');
    const { supervisor } = runs.record(directory);
    kill(supervisor.pid, 'SIGKILL');
    await until(() => isAlive(supervisor) === 'dead', 'the supervisor is dead');
    writeFileSync(join(directory, 'proc.json'), JSON.stringify({ ...runs.record(directory), process: null }));
    expect(await runs.supervisor.inspect(directory)).toEqual({ state: 'lost', identity: null });
    expect(await runs.supervisor.watch(directory)).toBe('lost');
    expect(isAlive(identity)).toBe('dead');
  });

  test('a live run whose supervisor was killed is not taken for dead, and is ended before it counts as lost', async () => {
    const directory = runs.directory();
    const identity = await runs.start(directory, 'setsid sleep 61 & while :; do sleep 0.1; done');
    await until(() => runs.alive(directory).length >= 3, 'the run has its child');
    const { supervisor } = runs.record(directory);
    kill(supervisor.pid, 'SIGKILL');
    await until(() => isAlive(supervisor) === 'dead', 'the supervisor is dead');
    expect(await runs.supervisor.inspect(directory)).toEqual({ state: 'running', identity, supervised: false });
    expect(await runs.supervisor.watch(directory)).toBe('lost');
    expect(runs.alive(directory)).toEqual([]);
    expect(await runs.supervisor.inspect(directory)).toEqual({ state: 'lost', identity });
  });

  test('a watcher that is already waiting notices the death of the supervisor', async () => {
    const directory = runs.directory();
    await runs.start(directory, 'exec sleep 60');
    const watching = runs.supervisor.watch(directory);
    kill(runs.record(directory).supervisor.pid, 'SIGKILL');
    expect(await watching).toBe('lost');
  });

  test('the run lives on when the orchestrator is killed, and another one adopts it with its outcome', async () => {
    const directory = runs.directory();
    const go = join(directory, 'go');
    const script = `echo begun; until [ -e ${go} ]; do sleep 0.05; done; echo finished; exit 5`;
    const orchestrator = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      orchestratorThatStarts(directory, script),
    ]);
    await until(() => existsSync(join(directory, 'stdout.ndjson')), 'the run writes', 15_000);
    await until(() => runs.output(directory) === 'begun\n', 'the run has begun');
    kill(orchestrator.pid ?? 0, 'SIGKILL');
    await until(() => orchestrator.signalCode !== null, 'the orchestrator is dead');

    // The output may be there before the record of who writes it.
    await until(async () => (await runs.supervisor.inspect(directory)).state !== 'starting', 'the run is on record');
    expect(await runs.supervisor.inspect(directory)).toMatchObject({ state: 'running', supervised: true });
    const watching = runs.supervisor.watch(directory);
    writeFileSync(go, '');
    expect(await watching).toMatchObject({ exitCode: 5, stoppedBecause: null });
    expect(runs.output(directory)).toBe('begun\nfinished\n');
  });

  test('a run is started once, however many ask for it at once and afterwards', async () => {
    const directory = runs.directory();
    const script = 'echo started; sleep 0.5';
    const identities = await Promise.all([1, 2, 3, 4].map(() => runs.start(directory, script)));
    await runs.supervisor.watch(directory);
    identities.push(await runs.start(directory, script));
    expect(new Set(identities.map((identity) => JSON.stringify(identity))).size).toBe(1);
    expect(runs.output(directory)).toBe('started\n');
  });

  test('a recorded process whose number somebody else has by now is gone, and the stranger is left alone', async () => {
    const directory = runs.directory();
    await runs.start(directory, 'exit 0');
    await runs.supervisor.watch(directory);
    const stranger = spawn('sleep', ['60']);
    const record = runs.record(directory);
    const stale = { ...record.process, pid: stranger.pid };
    const other = runs.directory();
    await runs.start(other, 'exec sleep 60');
    kill(runs.record(other).supervisor.pid, 'SIGKILL');
    writeFileSync(join(other, 'proc.json'), JSON.stringify({ ...runs.record(other), process: stale }));
    expect(await runs.supervisor.watch(other)).toBe('lost');
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    kill(stranger.pid ?? 0, 'SIGKILL');
  });

  test('a directory in which nothing was started is absent, and watching it is no wait', async () => {
    const directory = runs.directory();
    expect(await runs.supervisor.inspect(directory)).toEqual({ state: 'absent' });
  });

  test('a record that cannot be read is neither life nor death', async () => {
    const directory = runs.directory();
    await runs.start(directory, 'exit 0');
    await runs.supervisor.watch(directory);
    writeFileSync(join(directory, 'proc.json'), '{"run');
    await expect(runs.supervisor.inspect(directory)).rejects.toThrow(RunFileUnreadable);
  });

  test('a watch that is no longer wanted ends, the run does not', async () => {
    const directory = runs.directory();
    const identity = await runs.start(directory, 'exec sleep 60');
    const leaving = new AbortController();
    const watching = runs.supervisor.watch(directory, leaving.signal);
    leaving.abort();
    await expect(watching).rejects.toThrow();
    expect(isAlive(identity)).toBe('alive');
  });

  test('progress tells how much a run has said', async () => {
    const directory = runs.directory();
    await runs.start(directory, 'echo one; echo two; exec sleep 60');
    await until(async () => (await runs.supervisor.progress(directory))?.lines === 2, 'the beat has two lines');
    expect(await runs.supervisor.progress(directory)).toMatchObject({ bytes: 8, lines: 2, resultSeen: false });
  });
});

/** A program that starts the run as the service does, and then waits to be killed. */
function orchestratorThatStarts(directory: string, script: string): string {
  const module = pathToFileURL(join(process.cwd(), 'dist/queue/supervisor/supervisor.js')).href;
  const spec = JSON.stringify(runs.spec(directory, script));
  return `
    const { Supervisor } = await import(${JSON.stringify(module)});
    await new Supervisor().start(${JSON.stringify(directory)}, ${spec}, 7);
    setInterval(() => undefined, 1000);
  `;
}
