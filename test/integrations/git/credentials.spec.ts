import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GitUnavailable } from '../../../src/integrations/worktrees.js';
import { ForgeRepository, KEY, git, write } from './forge-repository.js';
import { type HttpForge, serveOverHttp } from './http-forge.js';

const TOKEN = 's3cret-token-of-the-forge';

let forge: ForgeRepository;
let http: HttpForge;
beforeEach(async () => {
  forge = await ForgeRepository.create();
  await git(forge.bare, 'config', 'http.receivepack', 'true');
  http = await serveOverHttp(forge.root, 'orchestrator', TOKEN);
});
afterEach(async () => {
  await http.close();
  await forge.remove();
});

function cloneUrlOf(): string {
  return `${http.url}/forge.git`;
}

async function everyFileBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')));
}

describe('the token of the forge', () => {
  test('it opens fetch and push, and is in no command line and in no file', async () => {
    const worktrees = forge.worktrees({ cloneUrlOf, token: TOKEN });
    const { directory, head } = await worktrees.prepare(KEY);
    await write(directory, { 'src/app.js': 'changed\n' });

    const published = await worktrees.publish(KEY, { since: head, message: 'm', author: 'developer' });

    expect(await forge.forgeHead(KEY.branch)).toBe(published.head);
    const gitLines = [...http.commandLines].filter((line) => line.includes('git'));
    expect(gitLines.some((line) => line.includes('push'))).toBe(true);
    expect([...http.commandLines].filter((line) => line.includes(TOKEN))).toEqual([]);
    const files = [...(await everyFileBelow(forge.mirror)), ...(await everyFileBelow(directory))];
    expect(files.filter((content) => content.includes(TOKEN))).toEqual([]);
  });

  test('a wrong one is trouble whose message does not repeat it', async () => {
    const failure = await forge
      .worktrees({ cloneUrlOf, token: 'wrong-token' })
      .prepare(KEY)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GitUnavailable);
    expect(String(failure)).toContain('Authentication failed');
    expect(String(failure)).not.toContain('wrong-token');
  });

  test('without one git asks nobody and gives up', async () => {
    await expect(forge.worktrees({ cloneUrlOf, token: null }).prepare(KEY)).rejects.toThrow(GitUnavailable);
  });

  test('a clone address that an agent rewrote for itself is not followed', async () => {
    const worktrees = forge.worktrees({ cloneUrlOf, token: TOKEN });
    const { directory } = await worktrees.prepare(KEY);
    await git(directory, 'config', `url.http://127.0.0.1:1/.insteadOf`, http.url);
    await expect(worktrees.branchState('sample', 'main')).resolves.not.toBeNull();
  });
});
