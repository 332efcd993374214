import { afterEach, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settingsFor } from '../../src/sandbox/coordinates.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { temporaryFolders } from '../support/temporary-folder.js';
import { orchestrator } from './command-line.js';

const TEST_MS_MAX = 60_000;
const folder = temporaryFolders();
let sandbox: Sandbox | null = null;
afterEach(async () => {
  await sandbox?.close();
  sandbox = null;
});

interface Found {
  readonly about: string;
  readonly state: string;
  readonly says: string;
}

interface Installation {
  readonly settings?: object;
  readonly project?: object;
  readonly webhook?: string;
}

/** A tracker and a forge as an installation has them, and what the doctor finds there. */
async function examined({ settings = {}, project = {}, webhook = '/webhook/gitea' }: Installation = {}) {
  const home = await folder();
  const own = 'http://127.0.0.1:1';
  const webhookUrls = { plane: `${own}/webhook/plane`, gitea: `${own}${webhook}` };
  sandbox = await startSandbox({ dataDir: home, webhookUrls });
  const projects = sandbox.coordinates.projects.map((one) => ({ ...one, ...project }));
  await writeFile(join(home, 'projects.json'), JSON.stringify({ projects }));
  const all = { ...settingsFor(sandbox.coordinates), ORCH_AGENT_SANDBOX: 'none', ...settings };
  const said = await orchestrator(home, ['doctor', '--json'], all);
  const findings = said.lines.map((line) => JSON.parse(line) as Found);
  return { ...said, findings, missing: findings.filter(({ state }) => state === 'missing') };
}

test(
  'everything that a service needs is looked at, one line each, and with nothing missing the answer is yes',
  async () => {
    const { findings, missing, exitCode } = await examined();
    expect({ missing, exitCode }).toEqual({ missing: [], exitCode: 0 });
    const looked = new Set(findings.map(({ about }) => about.split(' ')[0]));
    const all = ['configuration', 'tracker', 'forge', 'log', 'lead', 'disk', 'clock', 'git', 'agent', 'sandbox'];
    expect([...looked]).toEqual(all);
    expect(findings).toContainEqual(expect.objectContaining({ says: 'items can be read, and every status is there' }));
    expect(findings).toContainEqual(expect.objectContaining({ says: 'a webhook tells of push, status, pull_request' }));
  },
  TEST_MS_MAX,
);

test(
  'what is missing is named with what to do about it, and keeps nothing else from being looked at',
  async () => {
    const { missing, exitCode } = await examined({
      settings: { ORCH_PLANE_API_TOKEN: 'wrong', ORCH_AGENT_COMMAND: 'no-such-agent' },
      webhook: '/elsewhere',
    });
    expect(exitCode).toBe(1);
    const says = missing.map((found) => `${found.about}: ${found.says}`).join('\n');
    expect(says).toMatch(/^tracker: .*(401|403)/m);
    expect(says).toMatch(/^forge .*: no active webhook posts to …\/webhook\/gitea: add one, with the secret$/m);
    expect(says).toContain('ORCH_AGENT_COMMAND names no-such-agent, which is not on the PATH');
  },
  TEST_MS_MAX,
);

test(
  'a status that the tracker does not have under the name that the project gives it is missing',
  async () => {
    const { missing } = await examined({ project: { statusNames: { approved: 'Signed off' } } });
    expect(missing).toHaveLength(1);
    expect(missing[0]?.says).toBe('the project lacks the statuses Signed off: add them, or name others in statusNames');
  },
  TEST_MS_MAX,
);

test('a configuration that cannot be used is all that is told', async () => {
  const { exitCode, lines } = await orchestrator(await folder(), ['doctor'], { ORCH_LOCALE: 'fr' });
  expect({ exitCode, lines: lines.length }).toEqual({ exitCode: 1, lines: 1 });
  expect(lines[0]).toMatch(/^missing {2}configuration {2}ORCH_LOCALE: given "fr", allowed: /);
});
