import { Logger } from '@nestjs/common';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConfigurationInvalid } from '../../../src/config/configuration-invalid.js';
import { enclosureFor, obstacleTo } from '../../../src/integrations/claude/enclosure/bubblewrap.js';
import { enclosed } from '../../../src/integrations/claude/enclosure/enclosed.js';
import type { House } from '../../../src/integrations/claude/enclosure/room.js';
import { processesOf } from '../../../src/queue/supervisor/run-processes.js';
import { kill, Runs } from '../../queue/runs.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { until } from '../../support/until.js';
import { runner } from './recorded.js';

Logger.overrideLogger(false);
const folder = temporaryFolders();
const nobody: House = { secret: [], command: [], home: null };
/** Where it cannot work (a container without user namespaces) there is nothing to try; that is then what is held. */
const obstacle = await obstacleTo(nobody);

/** A service's data folder with a log, another run, a mirror and a linked worktree, as git makes them. */
class DataFolder {
  readonly runs = new Runs();
  readonly runDirectory: string;
  readonly worktree: string;
  readonly mirror: string;

  constructor(readonly path: string) {
    this.runDirectory = join(path, 'runs/this-one');
    this.worktree = join(path, 'worktrees/shop/ET-001');
    this.mirror = join(path, 'repos/shop.git');
    this.file('events.db', 'the log of everything');
    this.file('runs/other/stdout.ndjson', 'what another agent found');
    this.file('.env', 'ORCH_API_TOKEN=of-the-operator');
    mkdirSync(this.runDirectory, { recursive: true });
    this.makeWorktree();
  }

  /** The brief's environment is the agent's; the program is a shell script instead of Claude Code. */
  async start(script: string): Promise<number> {
    const house = { secret: [this.path, join(this.path, '.env')], command: [], home: homedir() };
    const enclosure = await enclosureFor('bwrap', house);
    const brief = { ...BRIEF, worktree: this.worktree, runDirectory: this.runDirectory };
    const program = ['/bin/bash', '-c', `'${script.replaceAll("'", `'"'"'`)}'`].join(' ');
    const spec = await runner({ command: program, enclosure, variables: process.env }).prepare(brief);
    return (await this.runs.supervisor.start(this.runDirectory, { ...spec, killGraceMs: 1_000 }, 7)).pid;
  }

  async does(script: string): Promise<string> {
    await this.start(script);
    const exit = await this.runs.supervisor.watch(this.runDirectory);
    expect({ exit, stderr: this.read('stderr.log') }).toMatchObject({ exit: { exitCode: 0 }, stderr: '' });
    return this.read('stdout.ndjson');
  }

  read(name: string): string {
    return readFileSync(join(this.runDirectory, name), 'utf8');
  }

  git(...args: readonly string[]): string {
    return execFileSync('git', ['--git-dir', this.mirror, ...args], { encoding: 'utf8' }).trim();
  }

  private file(name: string, content: string): void {
    const path = join(this.path, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
  }

  private makeWorktree(): void {
    const empty = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
    const person = ['-c', 'user.name=a', '-c', 'user.email=a@example.test'];
    execFileSync('git', ['init', '--bare', '--quiet', this.mirror]);
    this.git('hash-object', '-t', 'tree', '-w', '/dev/null');
    const first = this.git(...person, 'commit-tree', '-m', 'first', empty);
    this.git('worktree', 'add', '--quiet', '-B', BRIEF.branch, this.worktree, first);
    this.git('worktree', 'add', '--quiet', '-B', 'feature/ET-002', join(this.path, 'worktrees/shop/ET-002'), first);
  }
}

const BRIEF = {
  ...{ runId: 'run-of-the-enclosure', workItem: 'ET-001', role: 'developer', stage: 'development', repo: 'shop' },
  ...{ branch: 'feature/ET-001', attempt: 1, title: 'Faster', description: '', feedback: [], worktree: '' },
  runDirectory: '',
};

describe('what an agent is put into', () => {
  test('covers a folder before it shows what lies in it', () => {
    const spec = { command: 'claude', args: ['-p'], cwd: '/data/w', env: {}, ...CLOCKS };
    const { args } = enclosed(spec, [
      { at: '/data/w', as: 'writable' },
      { at: '/data', as: 'empty-folder' },
    ]);
    expect(args.indexOf('--tmpfs')).toBeLessThan(args.indexOf('--bind'));
    expect(args.slice(-2)).toEqual(['claude', '-p']);
  });

  test('is nothing where the operator says so', async () => {
    expect(await enclosureFor('none', nobody)).toBeNull();
  });

  test('that is demanded and cannot work stops the start with one sentence', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = await onlyEnv();
    try {
      await expect(enclosureFor('bwrap', nobody)).rejects.toThrow(ConfigurationInvalid);
      await expect(enclosureFor('bwrap', nobody)).rejects.toThrow(
        /ORCH_AGENT_SANDBOX: given "bwrap".*does not work here/,
      );
      expect(await enclosureFor('auto', nobody)).toBeNull();
    } finally {
      process.env['PATH'] = path;
    }
  });
});

const CLOCKS = { timeoutMs: 0, silenceMs: 0, killGraceMs: 0, lingerMs: 0 };

async function onlyEnv(): Promise<string> {
  const bin = await folder();
  execFileSync('ln', ['-s', '/usr/bin/env', join(bin, 'env')]);
  return bin;
}

if (obstacle !== null) {
  test('bubblewrap says why it does not work on this machine', () => expect(obstacle).not.toBe(''));
} else {
  describe('an agent under bubblewrap', () => {
    let data: DataFolder;
    beforeEach(async () => {
      data = new DataFolder(realpathSync(await folder()));
    });
    afterEach(async () => {
      for (const pid of processesOf(BRIEF.runId, null)) kill(pid, 'SIGKILL');
      await data.runs.end();
    });

    test('writes its artifact and commits in its worktree', async () => {
      const head = data.git('rev-parse', BRIEF.branch);
      await data.does('mkdir -p docs && echo "# done" > docs/done.md && git add . && git commit -qm "done"');
      expect(data.git('show', `${BRIEF.branch}:docs/done.md`)).toBe('# done');
      expect(data.git('rev-parse', `${BRIEF.branch}^`)).toBe(head);
    });

    test('reads its brief, and cannot change it', async () => {
      expect(await data.does('head -1 $ORCH_TASK_FILE; echo more 2>/dev/null >> $ORCH_TASK_FILE || echo refused')).toBe(
        '# ET-001: developer, stage development\nrefused\n',
      );
    });

    test('finds neither the log nor the settings nor another run nor another worktree', async () => {
      const script = `cat ${data.path}/events.db ${data.path}/.env 2>/dev/null; ls ${data.path}/runs ${data.path}/worktrees/shop`;
      expect(await data.does(`${script}; ls ${data.mirror}/worktrees`)).toBe(
        `${data.path}/runs:\nthis-one\n\n${data.path}/worktrees/shop:\nET-001\nET-001\n`,
      );
    });

    test('cannot change the mirror beyond its own commit, nor the machine, nor the settings of the kernel', async () => {
      const places = [
        `${data.mirror}/config`,
        `${data.mirror}/hooks/pre-push`,
        '/etc/hosts',
        '/proc/sys/kernel/core_pattern',
      ];
      const tries = places.map((place) => `if [ -w ${place} ] || touch ${place} 2>/dev/null; then echo ${place}; fi`);
      expect(await data.does([...tries, 'echo tried'].join('; '))).toBe('tried\n');
    });

    test('sees no process but its own, so no secret of the service stands in /proc', async () => {
      const service = spawn('sleep', ['62'], { env: { ORCH_GITEA_TOKEN: 'secret-of-the-service' } });
      try {
        await until(() => environmentsHere().includes('secret-of-the-service'), 'the secret stands in /proc');
        const seen = await data.does('cat /proc/[0-9]*/environ | tr "\\0" "\\n"');
        expect(seen).not.toContain('secret-of-the-service');
        expect(seen).toContain('ORCH_RUN_ID=run-of-the-enclosure');
      } finally {
        service.kill('SIGKILL');
      }
    });

    test('leaves what it wrote to /tmp in the folder of its run', async () => {
      await data.does('echo left > /tmp/note; test -e $TMPDIR/note');
      expect(data.read('tmp/note')).toBe('left\n');
    });

    test('hears an interrupt before it is killed, and can print its result', async () => {
      await data.start('trap "echo interrupted; exit 0" INT; echo ready; while true; do sleep 0.05; done');
      await until(() => data.read('stdout.ndjson') === 'ready\n', 'the agent is ready');
      await data.runs.supervisor.stop(data.runDirectory, 'no longer wanted');
      expect(await data.runs.supervisor.watch(data.runDirectory)).toMatchObject({
        exitCode: 0,
        stoppedBecause: 'stopped',
      });
      expect(data.read('stdout.ndjson')).toBe('ready\ninterrupted\n');
    });

    test('takes a daemon without the tag of the run with it when it is killed', async () => {
      const pid = await data.start('env -i setsid sleep 61 & echo ready; wait');
      await until(() => data.read('stdout.ndjson') === 'ready\n' && sleepers().length > 0, 'the daemon sleeps');
      kill(pid, 'SIGKILL');
      expect(await data.runs.supervisor.watch(data.runDirectory)).toMatchObject({ signal: 'SIGKILL', survivors: [] });
      await until(() => sleepers().length === 0, 'the daemon is gone');
    });

    test('ends with its supervisor', async () => {
      await data.start('env -i setsid sleep 61 & echo ready; wait');
      await until(() => data.read('stdout.ndjson') === 'ready\n' && sleepers().length > 0, 'the daemon sleeps');
      kill(data.runs.record(data.runDirectory).supervisor.pid, 'SIGKILL');
      await until(() => sleepers().length === 0 && processesOf(BRIEF.runId, null).length === 0, 'all are gone');
    });
  });
}

/** A file of every process that there is; one that ends meanwhile has nothing in it. */
function processFiles(name: 'environ' | 'cmdline'): string[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, 'latin1');
    } catch {
      return '';
    }
  });
}

function environmentsHere(): string {
  return processFiles('environ').join('\n');
}

function sleepers(): string[] {
  return processFiles('cmdline').filter((line) => line === 'sleep\u000061\u0000');
}
