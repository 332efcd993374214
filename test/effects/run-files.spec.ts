import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { redactorOf } from '../../src/config/secrets.js';
import { RunFolders } from '../../src/effects/job/run-files.js';
import { RunDirectory } from '../../src/queue/supervisor/run-directory.js';
import { INIT, SUCCESS, TOOL_CALL, runner } from '../integrations/claude/recorded.js';
import { temporaryFolders } from '../support/temporary-folder.js';

const SECRET = 'plane-token-4711';
const folder = temporaryFolders();

let dataDir: string;
let files: RunFolders;
beforeEach(async () => {
  dataDir = await folder();
  files = new RunFolders(runner(), { dataDir, redacted: redactorOf([SECRET]) });
  await new RunDirectory(join(dataDir, 'runs/1')).create();
});

function prints(...lines: readonly (object | string)[]): Promise<void> {
  const texts = lines.map((line) => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`));
  return appendFile(join(dataDir, 'runs/1/stdout.ndjson'), texts.join(''));
}

describe('the progress of a run', () => {
  test('is read from its files, also for who comes after its end', async () => {
    await prints(INIT, TOOL_CALL);
    await new RunDirectory(join(dataDir, 'runs/1')).beat({
      ...{ at: '2026-01-01T00:00:00.000Z', bytes: 10, lines: 2, resultSeen: false },
    });
    const alive = await files.progress('runs/1');
    expect(alive).toMatchObject({ lines: 2, turns: 1, lastTool: 'Bash ls', costUsd: null, isCurrent: true });
    expect(alive).toMatchObject({ beatAt: '2026-01-01T00:00:00.000Z' });
    await prints(SUCCESS);
    const after = new RunFolders(runner(), { dataDir, redacted: (text) => text });
    expect(await after.progress('runs/1')).toMatchObject({ lines: 3, costUsd: 0.00306 });
  });

  test('is nothing where there are no files, or none of a run', async () => {
    await writeFile(join(dataDir, 'stdout.ndjson'), 'x');
    for (const path of [null, 'runs/1', '../outside', '/etc']) expect(await files.progress(path)).toBeNull();
  });

  test('says nothing of a secret that the agent has found', async () => {
    await prints({ type: 'assistant', message: { id: 'm', content: [{ type: 'text', text: `It is ${SECRET}.` }] } });
    expect(await files.progress('runs/1')).toMatchObject({ lastText: 'It is [redacted].' });
  });

  test('is right for more runs than are followed at once', async () => {
    for (let number = 2; number <= 80; number += 1) {
      await mkdir(join(dataDir, `runs/${number}`));
      await writeFile(join(dataDir, `runs/${number}/stdout.ndjson`), `${JSON.stringify(TOOL_CALL)}\n`.repeat(number));
    }
    for (const number of [2, 80, 41, 2]) {
      const all = await Promise.all(Array.from({ length: 79 }, (_, index) => files.progress(`runs/${index + 2}`)));
      expect(all[number - 2]).toMatchObject({ toolCalls: number });
    }
  });
});

describe('the tail of an output', () => {
  test('has its last lines, the unfinished one too', async () => {
    await prints('one\n', 'two\n', 'thr');
    expect(await files.tail('runs/1', 2)).toEqual(['two', 'thr']);
  });

  test('has no secret, as it is written and as JSON writes it', async () => {
    await prints({ text: SECRET }, `token=${SECRET}\n`);
    expect((await files.tail('runs/1', 10)).join('\n')).toBe('{"text":"[redacted]"}\ntoken=[redacted]');
  });

  test('has no half of a secret where a huge line is cut', async () => {
    for (let shift = 0; shift < SECRET.length; shift += 5) {
      await writeFile(join(dataDir, 'runs/1/stdout.ndjson'), ' '.repeat(shift) + SECRET.repeat(40_000));
      const [line = '', ...others] = await files.tail('runs/1', 10);
      expect(others).toEqual([]);
      expect(line.replaceAll('[redacted]', '')).not.toMatch(/token|4711|plane/);
    }
  });

  test('of a huge line is its end, and of many lines no more than 500', async () => {
    await prints('x'.repeat(1_000_000), 'END\n');
    const [line = ''] = await files.tail('runs/1', 10);
    expect(line.length).toBeLessThan(300_000);
    expect(line).toMatch(/^… x+END$/);
    await prints('a\n'.repeat(2_000));
    expect(await files.tail('runs/1', 5_000)).toHaveLength(500);
  });
});
