import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WITHOUT_SETTINGS } from '../../src/integrations/claude/capabilities.js';
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

describe('a line that must never come', () => {
  const forbidden = WITHOUT_SETTINGS;
  const init = { type: 'system', subtype: 'init', permissionMode: 'default' };
  const printing = (line: object) => `echo '${JSON.stringify(line)}'; while :; do echo more; sleep 0.05; done`;

  test('ends an agent that did not take its settings while it works, long before its time is over', async () => {
    const directory = runs.directory();
    await runs.start(directory, printing(init), { forbidden });
    expect(await runs.supervisor.watch(directory)).toMatchObject({ stoppedBecause: 'forbidden', survivors: [] });
    expect(runs.alive(directory)).toEqual([]);
  });

  test('is stopped for by its supervisor, although the orchestrator that started it is gone', async () => {
    const directory = runs.directory();
    await runs.prepare(directory, printing(init), { forbidden });
    // Nobody watches: the supervisor alone reads what the agent says.
    await runs.supervisor.startAgain(directory);
    await until(() => runs.files(directory).includes('exit.json'), 'the supervisor has ended the run');
    expect(await runs.supervisor.watch(directory)).toMatchObject({ stoppedBecause: 'forbidden' });
  });

  test.each([
    ['the mode that was asked for', { ...init, permissionMode: 'dontAsk' }],
    ['a stand-in that says nothing of permissions', { type: 'system', subtype: 'init' }],
    ['a tool that quotes such a line', { type: 'user', text: JSON.stringify(init) }],
  ])('is not %s', async (_, line) => {
    const directory = runs.directory();
    await runs.start(directory, `echo '${JSON.stringify(line)}'; echo done`, { forbidden });
    expect(await runs.supervisor.watch(directory)).toMatchObject({ exitCode: 0, stoppedBecause: null });
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
