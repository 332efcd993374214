import { afterEach, describe, expect, test } from '@jest/globals';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RemoteHooks } from '../../../src/effects/deploy/remote-hooks.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { until } from '../../support/until.js';
import { Deploying } from './deploying.js';

const folder = temporaryFolders();
const { PATH, HOME } = process.env;
const CLOCK = { now: () => Date.now() };
const TEST_MS_MAX = 60_000;

/**
 * Stands in for ssh: runs what it is given with another home, as another host would. A line of `faults` is used up by every call:
 * `refuse` does not connect, `cut` does everything and loses the answer, `half` delivers half of what is sent.
 */
const SSH = `#!/bin/sh
here=$(dirname "$0")
for last; do :; done
echo call >> "$here/calls"
fault=$(head -n 1 "$here/faults" 2>/dev/null)
sed -i 1d "$here/faults" 2>/dev/null
unset ORCH_GITEA_TOKEN
export HOME="$here/home"
case "$fault" in
  refuse) echo "ssh: connect to host production port 22: Connection refused" >&2; exit 255 ;;
  cut) sh -c "$last" >/dev/null 2>&1; echo "Connection to production closed by remote host." >&2; exit 255 ;;
  half) head -c 60 | sh -c "$last" >/dev/null 2>&1; exit 255 ;;
  *) exec sh -c "$last" ;;
esac
`;

interface Host {
  readonly deploy: Deploying;
  /** With the same log, and a data folder of its own. */
  readonly another: Deploying;
  readonly place: string;
  readonly file: (name: string) => Promise<string>;
}

async function host(command: string, faults: readonly string[] = [], startPatienceMs = 20_000): Promise<Host> {
  const place = await folder();
  const [checkout, dataDir] = [join(place, 'checkout'), join(place, 'data')];
  await mkdir(join(place, 'home'));
  await mkdir(checkout);
  await writeFile(join(checkout, 'what.txt'), "it's the revision\n");
  await writeFile(join(place, 'ssh'), SSH);
  await chmod(join(place, 'ssh'), 0o755);
  await writeFile(join(place, 'faults'), faults.map((fault) => `${fault}\n`).join(''));
  process.env['PATH'] = `${place}:${PATH}`;
  const hooks = new RemoteHooks({ clock: CLOCK, target: 'deploy@production', pollMs: 50, startPatienceMs });
  const deploy = new Deploying({ dataDir, checkout, command }, hooks);
  const other = { dataDir: join(place, 'other'), checkout, command, name: 'other', host: 'there' };
  return {
    deploy,
    another: new Deploying(other, hooks, deploy.id, deploy.claims),
    place,
    file: (name) => readFile(join(place, 'home', name), 'utf8'),
  };
}

afterEach(() => {
  Object.assign(process.env, { PATH, HOME });
});

const COUNTED = 'echo run >> ~/runs; ';

describe('a hook on another host', () => {
  test(
    'runs there, in a clean checkout, with the environment passed on, and its result comes back [DEP-05, DEP-08]',
    async () => {
      const command = `${COUNTED} cat what.txt; env > ~/told; echo '{"check":"A1","block":"A","kind":"REAL","ok":true}'; exit 1`;
      const { deploy, file } = await host(command);
      await deploy.act();
      expect(deploy.started).toMatchObject([{ bootId: 'ssh:deploy@production' }]);
      expect(deploy.ended).toMatchObject([{ exitCode: 1, stoppedBecause: null, checks: [{ check: 'A1', ok: true }] }]);
      expect(await file('told')).toContain('ORCH_PREVIOUS_REVISION=be4\n');
      expect(await file('runs')).toBe('run\n');
    },
    TEST_MS_MAX,
  );

  test.each([
    ['before anything was asked', ['refuse', 'refuse']],
    ['after the start was heard', ['', 'cut']],
    ['after the start, and again', ['', 'cut', 'cut', 'refuse']],
    ['half-way through the checkout', ['', 'half']],
    ['while the result is asked for', ['', '', 'refuse', 'cut', 'refuse']],
  ])(
    'is run once when the connection is lost %s, and the loss is no verdict',
    async (_when, faults) => {
      const { deploy, file } = await host(`${COUNTED} sleep 0.5; exit 0`, faults);
      await deploy.act();
      expect(deploy.ended).toMatchObject([{ exitCode: 0, stoppedBecause: null }]);
      expect(deploy.failed).toEqual([]);
      expect(await file('runs')).toBe('run\n');
    },
    TEST_MS_MAX,
  );

  test(
    'that an orchestrator started before it died is found by the next one, and not run again',
    async () => {
      const { deploy, file } = await host(`${COUNTED} sleep 1; exit 2`);
      const dying = new AbortController();
      const first = deploy.act(dying.signal).catch(() => undefined);
      while (deploy.started.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      dying.abort();
      await first;
      await deploy.act();
      expect(deploy.ended).toMatchObject([{ exitCode: 2 }]);
      expect(await file('runs')).toBe('run\n');
    },
    TEST_MS_MAX,
  );

  test(
    'of which the one before only noted that it was about to send it is sent by the next one, once',
    async () => {
      const { deploy, place, file } = await host(`${COUNTED} exit 0`);
      await mkdir(join(place, 'data', 'runs', 'deploy-185'), { recursive: true });
      await writeFile(join(place, 'data', 'runs', 'deploy-185', `sent-${deploy.key}`), '');
      await deploy.act();
      expect(deploy.ended).toMatchObject([{ exitCode: 0, stoppedBecause: null }]);
      expect(await file('runs')).toBe('run\n');
    },
    TEST_MS_MAX,
  );

  test(
    'that an orchestrator elsewhere has started runs on, although the repository is frozen by now',
    async () => {
      const { deploy, another, file } = await host(`${COUNTED} sleep 1; exit 0`);
      const replaced = new AbortController();
      const first = deploy.act(replaced.signal).catch(() => undefined);
      await until(() => deploy.started.length > 0, 'the hook is under way');
      replaced.abort();
      await first;
      another.clearance = { kind: 'held', reason: 'sandbox is frozen: production is degraded' };
      await another.act();
      expect(another.ended).toMatchObject([{ exitCode: 0 }]);
      expect(await file('runs')).toBe('run\n');
    },
    TEST_MS_MAX,
  );

  test(
    'that was only claimed elsewhere, of a repository that was frozen meanwhile, never begins',
    async () => {
      const { deploy, another, file } = await host(COUNTED);
      await deploy.claimOnly();
      another.clearance = { kind: 'held', reason: 'sandbox is frozen: production is degraded' };
      await another.act();
      expect(another.failed).toEqual(['sandbox is frozen: production is degraded']);
      await deploy.act();
      expect(deploy.ended).toEqual([]);
      await expect(file('runs')).rejects.toThrow('ENOENT');
    },
    TEST_MS_MAX,
  );

  test(
    'whose host never answers is not started, and nothing is ever sent',
    async () => {
      const { deploy, place } = await host(COUNTED, Array<string>(200).fill('refuse'), 300);
      await deploy.act();
      expect(deploy.failed).toEqual([
        'deploy@production cannot be reached: ssh: connect to host production port 22: Connection refused',
      ]);
      await expect(readFile(join(place, 'home', 'runs'))).rejects.toThrow('ENOENT');
    },
    TEST_MS_MAX,
  );

  test(
    'that does not end in time is stopped, has failed, and wants a person',
    async () => {
      const { deploy, file } = await host(`${COUNTED} sleep 30; echo late >> ~/runs`);
      deploy.timeoutMs = 700;
      await deploy.act();
      expect(deploy.ended[0]).toMatchObject({ exitCode: null });
      expect(deploy.ended[0]?.stoppedBecause).toMatch(/did not end within 0.7 s and was stopped; a person must look$/);
      expect(await file('runs')).toBe('run\n');
    },
    TEST_MS_MAX,
  );

  test(
    'of which nobody hears any more has failed at its time-out, and says that nobody knows',
    async () => {
      const { deploy } = await host(`${COUNTED} exit 0`, ['', '', ...Array<string>(500).fill('refuse')]);
      deploy.timeoutMs = 1_500;
      await deploy.act();
      expect(deploy.ended[0]?.stoppedBecause).toMatch(/nobody knows what became of the hook; a person must look$/);
    },
    TEST_MS_MAX,
  );
});
