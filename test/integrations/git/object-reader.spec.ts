import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { rm } from 'node:fs/promises';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Git, GitFailed } from '../../../src/integrations/git/git.js';
import { ObjectReader } from '../../../src/integrations/git/object-reader.js';
import { ForgeRepository } from './forge-repository.js';

let forge: ForgeRepository;
let reader: ObjectReader;
const started: ChildProcess[] = [];

beforeEach(async () => {
  forge = await ForgeRepository.create();
  started.length = 0;
  reader = new ObjectReader(() => {
    const process = new Git().converse([`--git-dir=${forge.bare}`, 'cat-file', '--batch'], {});
    started.push(process);
    return process;
  });
});
afterEach(async () => {
  reader.end();
  await forge.remove();
});

const textOf = async (name: string) => (await reader.read(name))?.bytes.toString('utf8') ?? null;

describe('one git that is asked again and again', () => {
  test('answers everybody what he asked for, and null for what is not there, from one process', async () => {
    const asked = ['main:README.md', 'main:none.md', 'main:src/app.js', 'none', 'main:\nREADME.md', 'main:README.md'];
    expect(await Promise.all(asked.map(textOf))).toEqual(['sample\n', null, 'one\n', null, null, 'sample\n']);
    expect(started).toHaveLength(1);
  });

  test('knows what came after its start, and what was packed meanwhile', async () => {
    expect(await textOf('main:later.md')).toBeNull();
    const head = await forge.personPushes('main', { 'later.md': 'it came\n' });
    expect([(await reader.read('main^{commit}'))?.id, await textOf('main:later.md')]).toEqual([head, 'it came\n']);
    await execa('git', ['--git-dir', forge.bare, 'gc', '--quiet', '--prune=now']);
    expect([await textOf('main:README.md'), await textOf('refs/heads/main:later.md')]).toEqual([
      'sample\n',
      'it came\n',
    ]);
    expect(started).toHaveLength(1);
  });

  test('gives content back byte for byte, line feeds and zeros too, however large', async () => {
    const content = `${'\n\0ü'.repeat(300_000)}end`;
    await forge.personPushes('main', { 'large.bin': content });
    const [large, small] = await Promise.all([textOf('main:large.bin'), textOf('main:README.md')]);
    expect([large === content, small]).toEqual([true, 'sample\n']);
  });

  test('that is killed fails whoever asks then, and the next question is answered by another one', async () => {
    await textOf('main:README.md');
    const [first] = started;
    first?.kill('SIGKILL');
    await once(first as ChildProcess, 'close');
    await expect(textOf('main:README.md')).rejects.toThrow(GitFailed);
    expect(await textOf('main:README.md')).toBe('sample\n');
  });

  test('says why where there is no repository', async () => {
    await rm(forge.bare, { recursive: true });
    await expect(textOf('main')).rejects.toThrow(/not a git repository/);
  });

  test('ends when it is asked no more', async () => {
    await textOf('main');
    reader.end();
    await once(started[0] as ChildProcess, 'exit');
    expect(started[0]?.exitCode).toBe(0);
  });
});
