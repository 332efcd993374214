import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

/**
 * Gives out fresh folders, and removes them when the tests of the file are over. Called after the `afterAll` that ends whoever
 * writes there: these run in the order in which they are declared.
 */
export function temporaryFolders(): () => Promise<string> {
  const made: string[] = [];
  afterAll(async () => {
    // What is just ending may still write its last words.
    for (const folder of made) await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-test-'));
    made.push(folder);
    return folder;
  };
}
