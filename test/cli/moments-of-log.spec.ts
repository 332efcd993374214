import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { momentsBeside, momentsElsewhere } from '../../src/cli/moments-of-log.js';
import { temporaryFolders } from '../support/temporary-folder.js';

const freshFolder = temporaryFolders();

afterEach(() => {
  jest.restoreAllMocks();
});

function listeningToErrors(): string[] {
  const said: string[] = [];
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  return said;
}

test('moments of a copy are kept beside it', async () => {
  const folder = await freshFolder();
  expect(await momentsBeside(join(folder, 'events.db'), 'log-1')).toMatchObject({ kept: join(folder, 'moments.db') });
});

test('moments are kept elsewhere, and read beside the log, where the folder is not there to be written', async () => {
  const folder = await freshFolder();
  await chmod(folder, 0o500);
  // The superuser may write there all the same: a folder that is gone is closed to everybody.
  const closed = process.getuid?.() === 0 ? join(folder, 'gone') : folder;
  const files = await momentsBeside(join(closed, 'events.db'), 'log-1');
  expect(files).toMatchObject({ kept: momentsElsewhere('log-1').kept, alsoRead: join(closed, 'moments.db') });
});

test('whoever waits for a long fold is told once why and where later questions begin', async () => {
  const folder = await freshFolder();
  const path = join(folder, 'events.db');
  const { onFolding } = await momentsBeside(path, 'log-1');
  const said = listeningToErrors();
  for (const position of [10_000, 20_000, 40_000]) onFolding?.({ from: 0, position, head: 40_000, events: position });
  const sentence = `${path} has no moments near there: it is folded once, and later questions begin at ${join(folder, 'moments.db')}\n`;
  expect(said.filter((line) => line.includes('folded once'))).toEqual([sentence]);
});

test('a short fold is not worth a word', async () => {
  const { onFolding } = await momentsBeside(join(await freshFolder(), 'events.db'), 'log-1');
  const said = listeningToErrors();
  onFolding?.({ from: 500_000, position: 504_321, head: 504_321, events: 4_321 });
  expect(said).toEqual([]);
});
