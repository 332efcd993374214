import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SandboxCoordinates } from '../../src/sandbox/coordinates.js';
import { personIn } from '../../src/sandbox/person.js';
import { compileSandbox } from '../support/sandbox/compiled-sandbox.js';
import { ask, SandboxInTest } from '../support/sandbox/sandbox-in-test.js';
import { until } from '../support/until.js';
import { receiveWebhooks } from '../support/sandbox/webhook-receiver.js';
import { WorkingCopy } from '../support/sandbox/working-copy.js';

describe('a restart', () => {
  let world: SandboxInTest;
  beforeEach(async () => {
    world = await SandboxInTest.start({ forge: { mergeCheckMs: 20 } });
  });
  afterEach(() => world.end());

  test('keeps addresses, keys, items, pull requests, statuses and branches', async () => {
    const before = world.sandbox.coordinates;
    const item = await world.sandbox.asPerson.createItem('Kept', 'with a text', 'In Progress');
    const url = `${before.forgeUrl}/${before.owner}/${before.repo}.git`;
    const copy = await WorkingCopy.clone(url, before.tokens.forgeBot);
    const head = await copy.pushBranch('sbx-1', { 'README.md': 'new\n' });
    await world.forge('POST', '/pulls', { base: 'main', head: 'sbx-1', title: 'Kept as well' });
    const isGreen = async () => (await world.forge('GET', `/commits/${head}/status`)).body.state === 'success';
    await until(isGreen, 'the tests have run', 15_000);
    await copy.remove();
    await world.restart();
    expect(world.sandbox.coordinates).toEqual(before);
    expect(await world.sandbox.asPerson.statusOf(item.itemId)).toBe('In Progress');
    expect(await isGreen()).toBe(true);
    expect((await world.forge('GET', '/pulls?state=open')).body[0].head.sha).toBe(head);
  });

  test('tells what moved while nobody was looking, and tests it', async () => {
    const dir = world.sandbox.bareRepositories['sandbox'] ?? '';
    await execa('git', ['--git-dir', dir, 'branch', 'half-done', 'main']);
    await world.restart();
    await until(() => world.webhooks('create').length === 1, 'the branch was announced');
    const isGreen = async () => (await world.forge('GET', '/commits/half-done/status')).body.state === 'success';
    await until(isGreen, 'its tests have run', 15_000);
  });

  test('secrets are readable by their owner only', async () => {
    for (const file of ['sandbox.json', 'tracker.json', 'forge.json']) {
      const { mode } = await stat(join(world.dataDir, 'sandbox', 'state', file));
      expect(mode & 0o077).toBe(0);
    }
  });
});

describe('a process of its own', () => {
  let dataDir: string;
  let compiled: Awaited<ReturnType<typeof compileSandbox>>;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sandbox-process-'));
    compiled = await compileSandbox('process');
  });
  afterEach(async () => {
    await rm(dataDir, { recursive: true, force: true });
    await compiled.remove();
  });

  async function start(webhookBaseUrl: string) {
    const args = [join(compiled.directory, 'main.js'), '--data-dir', dataDir, '--webhook-base-url', webhookBaseUrl];
    const child = execa(process.execPath, args, { stdin: 'ignore', reject: false, buffer: false });
    const lines = createInterface({ input: child.stdout });
    const { value } = await lines[Symbol.asyncIterator]().next();
    return { child, coordinates: JSON.parse(String(value)) as SandboxCoordinates };
  }

  test('killed in the middle it has lost nothing that it acknowledged', async () => {
    const receiver = await receiveWebhooks();
    const first = await start('http://127.0.0.1:9');
    const person = personIn(first.coordinates);
    const items = await Promise.all(['one', 'two', 'three'].map((title) => person.createItem(title)));
    first.child.kill('SIGKILL');
    await first.child;
    const second = await start(receiver.url);
    expect(second.coordinates).toEqual(first.coordinates);
    for (const { itemId } of items) expect(await person.statusOf(itemId)).toBe('Backlog');
    await until(() => receiver.received.length === 3, 'the deliveries that nobody took arrive now');
    const { body } = await ask('GET', `${second.coordinates.forgeUrl}/api/v1/user`, {
      authorization: `token ${second.coordinates.tokens.forgeBot}`,
    });
    expect(body.login).toBe('delivery-bot');
    second.child.kill('SIGTERM');
    expect((await second.child).exitCode).toBe(0);
    await receiver.close();
    const state = await readFile(join(dataDir, 'sandbox', 'state', 'tracker.json'), 'utf8');
    expect((JSON.parse(state) as { outbox: unknown[] }).outbox).toEqual([]);
  });
});
