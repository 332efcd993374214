import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SecretScreen } from '../../../src/integrations/git/screening/secret-screen.js';
import { PushRejected } from '../../../src/integrations/worktrees.js';
import { ForgeRepository, KEY, git, write } from './forge-repository.js';

/** In pieces, so that this file is no finding for those who look through this repository. */
const FORGE_TOKEN = ['gh', 'p_', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('');
const PRIVATE_KEY = [
  '-----BEGIN RSA ',
  'PRIVATE KEY-----\n',
  'MIIEpAIBAAKCAQEA'.repeat(40),
  '\n-----END RSA ',
  'PRIVATE KEY-----\n',
].join('');
const OWN = 'our-own-tracker-token';

let forge: ForgeRepository;
beforeEach(async () => {
  forge = await ForgeRepository.create();
});
afterEach(() => forge.remove());

/** A run that writes these files one commit after the other, and what becomes of its publication. */
async function runWrites(...commits: readonly Readonly<Record<string, string>>[]) {
  const worktrees = forge.worktrees({ screen: new SecretScreen([OWN]) });
  const { directory, head: since } = await worktrees.prepare(KEY);
  for (const files of commits) {
    await write(directory, files);
    await git(directory, 'add', '-A');
    await git(directory, 'commit', '--quiet', '--allow-empty', '-m', 'work');
  }
  return worktrees.publish(KEY, { since, message: 'ET-001: developer — development', author: 'developer' });
}

async function refusalOf(run: Promise<unknown>): Promise<string> {
  const error: unknown = await run.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PushRejected);
  return String(error);
}

describe('The security gate (ORCH-22)', () => {
  test('keeps a credential from the forge, and names its place but not the credential', async () => {
    const refusal = await refusalOf(runWrites({ 'src/client.js': `const a = 1;\nconst token = '${FORGE_TOKEN}';\n` }));
    expect(refusal).toContain('a credential (github) in src/client.js, line 2');
    expect(refusal).not.toContain(FORGE_TOKEN);
    expect(await forge.forgeHead(KEY.branch)).toBeNull();
  });

  test('finds it in a commit that a later one corrects, and in what was left uncommitted', async () => {
    const corrected = runWrites({ 'deploy/key.pem': PRIVATE_KEY }, { 'deploy/key.pem': 'from the environment\n' });
    expect(await refusalOf(corrected)).toContain('a credential (privatekey) in deploy/key.pem, line 1');
    const worktrees = forge.worktrees({ screen: new SecretScreen([]) });
    const { directory, head: since } = await worktrees.prepare(KEY);
    await write(directory, { '.env.local': `FORGE=${FORGE_TOKEN}\n` });
    expect(await refusalOf(worktrees.publish(KEY, { since, message: 'm', author: 'developer' }))).toContain(
      '.env.local',
    );
  });

  test('knows the secrets of the orchestrator by their value', async () => {
    const refusal = await refusalOf(runWrites({ 'notes.md': `first\nthe token is ${OWN}\n` }));
    expect(refusal).toContain('a secret of the orchestrator in notes.md, line 2');
    expect(refusal).not.toContain(OWN);
  });

  test('does not hold a run responsible for what the file held before', async () => {
    await forge.personPushes('main', { 'test/fixture.txt': `${FORGE_TOKEN}\n` });
    await runWrites({ 'test/fixture.txt': `# an example\n${FORGE_TOKEN}\n` });
    expect(await forge.forgeHead(KEY.branch)).not.toBeNull();
  });

  test('lets addresses with a password, binaries and very large texts pass', async () => {
    await runWrites({
      'docker-compose.yml': 'DATABASE: postgres://postgres:postgres@localhost/app\n',
      'image.bin': `\0${FORGE_TOKEN}`,
      'data.csv': `${'1,2,3\n'.repeat(200_000)}${FORGE_TOKEN}\n`,
    });
    expect(await forge.forgeHead(KEY.branch)).not.toBeNull();
  });

  test('leaves nothing behind that the next attempt would trip over', async () => {
    await refusalOf(runWrites({ 'src/client.js': `const token = '${FORGE_TOKEN}';\n` }));
    const published = await runWrites({ 'src/client.js': 'const token = process.env.TOKEN;\n' });
    expect(await forge.forgeHead(KEY.branch)).toBe(published.head);
    expect(await git(forge.bare, 'log', '--format=%s', `main..${KEY.branch}`)).toBe('work');
  });
});
