import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
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

describe('a run that ends by itself', () => {
  test('leaves its output, and an exit record with the fence it was started under', async () => {
    const directory = runs.directory();
    const identity = await runs.start(directory, 'echo out; echo err >&2');
    const exit = await runs.supervisor.watch(directory);
    expect(exit).toMatchObject({ fence: 7, exitCode: 0, signal: null, stoppedBecause: null, survivors: [] });
    expect(runs.output(directory)).toBe('out\n');
    expect(readFileSync(join(directory, 'stderr.log'), 'utf8')).toBe('err\n');
    expect(await runs.supervisor.inspect(directory)).toEqual({ state: 'ended', identity, exit });
  });

  test('with an exit code of its own has that code on record', async () => {
    const directory = runs.directory();
    await runs.start(directory, 'exit 3');
    expect(await runs.supervisor.watch(directory)).toMatchObject({ exitCode: 3, signal: null, stoppedBecause: null });
  });

  test('killed from outside has the signal on record', async () => {
    const directory = runs.directory();
    const { pid } = await runs.start(directory, 'exec sleep 60');
    kill(pid, 'SIGKILL');
    expect(await runs.supervisor.watch(directory)).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });

  test('takes with it what it started in the background, also in sessions of their own', async () => {
    const directory = runs.directory();
    await runs.start(directory, 'sleep 60 & setsid sleep 61 & (trap "" TERM INT; exec setsid sleep 62) & sleep 0.3');
    await until(() => runs.alive(directory).length >= 4, 'the run has started its background processes');
    expect(await runs.supervisor.watch(directory)).toMatchObject({ exitCode: 0, survivors: [] });
    expect(runs.alive(directory)).toEqual([]);
  });

  test('that cannot even be started has an exit record that says so', async () => {
    const directory = runs.directory();
    await runs.start(directory, '', { command: '/nowhere/agent', args: [] });
    expect(await runs.supervisor.watch(directory)).toMatchObject({ exitCode: 127, signal: null });
    expect(readFileSync(join(directory, 'stderr.log'), 'utf8')).toContain('/nowhere/agent cannot be started');
  });

  test('reads an empty standard input', async () => {
    const directory = runs.directory();
    await runs.start(directory, 'cat; echo done');
    await runs.supervisor.watch(directory);
    expect(runs.output(directory)).toBe('done\n');
  });

  test('has the environment it was given and no other, and leaves no value of it on disk', async () => {
    const directory = runs.directory();
    await runs.start(directory, 'env | cut -d= -f1 | grep -vE "^(PWD|SHLVL|_)$" | sort');
    await runs.supervisor.watch(directory);
    expect(runs.output(directory).trim().split('\n')).toEqual(['ORCH_RUN_ID', 'PATH', 'SECRET']);
    const files = runs.files(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
    expect(files.filter((content) => content.includes('of-the-agent'))).toEqual([]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'spec.json')).mode & 0o777).toBe(0o600);
  });
});

describe('the clocks of a run', () => {
  test('one that is over its time is stopped, and asked first', async () => {
    const directory = runs.directory();
    await runs.start(directory, 'trap "echo asked; exit 0" INT; while :; do echo on; sleep 0.05; done', {
      timeoutMs: 600,
    });
    expect(await runs.supervisor.watch(directory)).toMatchObject({ stoppedBecause: 'timeout', exitCode: 0 });
    expect(runs.output(directory)).toContain('asked');
  });

  test('one that says nothing for too long is stopped', async () => {
    const directory = runs.directory();
    await runs.start(directory, 'echo hello; exec sleep 60', { silenceMs: 500 });
    expect(await runs.supervisor.watch(directory)).toMatchObject({ stoppedBecause: 'silence' });
  });

  test('one that has given its result and does not go is helped out', async () => {
    const directory = runs.directory();
    await runs.start(directory, `echo '{"type":"result","subtype":"success"}'; exec sleep 60`, { lingerMs: 500 });
    expect(await runs.supervisor.watch(directory)).toMatchObject({ stoppedBecause: 'linger' });
  });

  test('a result that a tool merely quotes is not a result', async () => {
    const directory = runs.directory();
    const quoted = JSON.stringify({ type: 'user', text: '{"type":"result"}' });
    await runs.start(directory, `echo '${quoted}'; exec sleep 60`, { lingerMs: 100, silenceMs: 900 });
    expect(await runs.supervisor.watch(directory)).toMatchObject({ stoppedBecause: 'silence' });
  });

  test('work that goes on after a first result is not cut short', async () => {
    const directory = runs.directory();
    const script = `echo '{"type":"result"}'; echo '{"type":"assistant"}'; exec sleep 60`;
    await runs.start(directory, script, { lingerMs: 100, silenceMs: 900 });
    expect(await runs.supervisor.watch(directory)).toMatchObject({ stoppedBecause: 'silence' });
  });
});

describe('stopping a run', () => {
  test('a request reaches it through its supervisor', async () => {
    const directory = runs.directory();
    await runs.start(directory, 'exec sleep 60');
    await runs.supervisor.stop(directory, 'cancelled by a person');
    const exit = await runs.supervisor.watch(directory);
    expect(exit).toMatchObject({ stoppedBecause: 'stopped', stopRequest: 'cancelled by a person', signal: 'SIGINT' });
  });

  test('the ladder ends in a kill that nobody escapes: not who ignores signals, not who left the session, not who is stopped', async () => {
    const directory = runs.directory();
    const deaf = `trap '' INT TERM; setsid bash -c "trap '' INT TERM; while :; do sleep 0.1; done" & while :; do sleep 0.1; done`;
    const { pid } = await runs.start(directory, deaf, { killGraceMs: 300 });
    await until(() => runs.alive(directory).length >= 3, 'the grandchild has its own session');
    kill(pid, 'SIGSTOP');
    await runs.supervisor.stop(directory, 'enough');
    expect(await runs.supervisor.watch(directory)).toMatchObject({ signal: 'SIGKILL', survivors: [] });
    expect(runs.alive(directory)).toEqual([]);
  });

  test('a supervisor that is asked to go ends its run first', async () => {
    const directory = runs.directory();
    await runs.start(directory, 'exec sleep 60');
    kill(runs.record(directory).supervisor.pid, 'SIGTERM');
    expect(await runs.supervisor.watch(directory)).toMatchObject({ stoppedBecause: 'stopped' });
  });

  test('a run that has ended is not disturbed', async () => {
    const directory = runs.directory();
    await runs.start(directory, 'exit 0');
    const exit = await runs.supervisor.watch(directory);
    await runs.supervisor.stop(directory, 'too late');
    expect(await runs.supervisor.watch(directory)).toEqual(exit);
  });
});

describe('deaths around a run', () => {
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
