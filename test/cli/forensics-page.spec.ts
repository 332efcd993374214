import { describe, expect, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'shell-quote';
import { Connection } from '../../src/projections/engine/connection.js';
import { incident, intoFile } from '../replay/recording/log-text.js';
import { temporaryFolders } from '../support/temporary-folder.js';
import { orchestrator } from './command-line.js';

/** With `UPDATE_FORENSICS_PAGE=1` the page is written anew instead of compared. */
const PAGE = new URL('../../docs/forensics.md', import.meta.url);
const page = await readFile(PAGE, 'utf8');
const BLOCK = /```console\n([\s\S]*?)```/g;
const folders = temporaryFolders();

/** How long something took differs from machine to machine. */
function withoutSpeed(text: string): string {
  return text.replace(/"ms":\d+,"perSecond":\d+/, '"ms":0,"perSecond":0').replaceAll(/[^"\s]*(read-models\.db)/g, '$1');
}

/** A read model more, or one more look at a setting, makes no other story. */
function withoutCounts(text: string): string {
  return text.replace(/\d+ (tables|rows|looks at it|decided again|saga commands computed again)/g, '… $1');
}

async function answer(folder: string, line: string): Promise<string> {
  const [program, ...args] = parse(line).map(String);
  if (program === 'orchestrator') {
    const { stdout, stderr } = await orchestrator(folder, args, { ORCH_DATA_DIR: folder });
    return withoutSpeed([stdout, stderr].filter((text) => text !== '').join('\n'));
  }
  const tables = await Connection.open(join(folder, args[0] ?? ''), 'write');
  await tables.all(args[1] ?? '');
  await tables.close();
  return '';
}

async function rerun(section: string): Promise<string> {
  const [, name] = /<!-- incident: (\S+) -->/.exec(section) ?? [];
  if (name === undefined) return section;
  const folder = await folders();
  await intoFile(join(folder, 'events.db'), await incident(name));
  await orchestrator(folder, ['replay', 'rebuild'], { ORCH_DATA_DIR: folder });
  let told = section;
  for (const [block, text = ''] of section.matchAll(BLOCK)) {
    const lines: string[] = [];
    for (const line of text.split('\n').filter((one) => one.startsWith('$ '))) {
      const said = await answer(folder, line.slice(2));
      lines.push(line, ...(said === '' ? [] : [said]));
    }
    told = told.replace(block, () => `\`\`\`console\n${lines.join('\n')}\n\`\`\``);
  }
  return told;
}

const sections = page.split(/^(?=## )/m);

describe('the page on forensics', () => {
  test('shows what its commands really print', async () => {
    const told: string[] = [];
    for (const section of sections) told.push(await rerun(section));
    if (process.env['UPDATE_FORENSICS_PAGE']) await writeFile(PAGE, told.join(''));
    else expect(withoutCounts(told.join(''))).toBe(withoutCounts(page));
  }, 60_000);
});
